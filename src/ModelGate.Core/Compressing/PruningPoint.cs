namespace ModelGate.Compressing;

/// <summary>A point of the curve that tells what pruning a share of all weights by magnitude costs.</summary>
/// <param name="Percent">Share of the weights that become zero, in %.</param>
/// <param name="Magnitude">What is smaller goes; to within 1 %.</param>
/// <param name="Sqnr">Signal-to-noise ratio of the weights in dB; infinite where only zeros go.</param>
/// <param name="Cosine">Cosine similarity of the weights before and after.</param>
public sealed record PruningPoint(int Percent, float Magnitude, double Sqnr, double Cosine);

/// <summary>What pruning brought: the file keeps its dense shape, so its size says nothing.</summary>
/// <param name="WireBefore">Bytes of the source with gzip at <see cref="System.IO.Compression.CompressionLevel.Optimal"/>, external data included.</param>
/// <param name="WireAfter">Bytes of the pruned model likewise.</param>
/// <param name="SparseSize">Bytes it would take where a runtime stored a bit for each pruned tensor's weight and the values that are left.</param>
/// <param name="Curve">What other shares would cost; empty where the pattern is fixed.</param>
public sealed record PruningOutcome(long WireBefore, long WireAfter, long SparseSize, IReadOnlyList<PruningPoint> Curve);
