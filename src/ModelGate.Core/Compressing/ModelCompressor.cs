using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Compressing;

/// <summary>
/// Writes a smaller copy of an ONNX model, or tells what it would weigh. Weights are streamed in blocks, of which few are held at once, one
/// column at least. What grows with the model are its structure and the scales: one per channel of every tensor in 8 bits; in 4 bits one for
/// every 32, 64 or 128 weights of the tensor that is being written, a 32nd of its float32 bytes at most. The output appears whole or not at all.
/// </summary>
public static class ModelCompressor
{
    /// <summary>Compresses a model.</summary>
    /// <param name="model">Path of the source.</param>
    /// <param name="scheme">What weights become.</param>
    /// <param name="output">Path to write to; external data, where the source has any, goes beside it as <c>NAME.data</c>.</param>
    /// <param name="cancellation">Ends it; nothing is left behind.</param>
    /// <exception cref="ModelException">The model cannot be read, or not compressed so.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The output may not be written.</exception>
    public static Compression Compress(string model, Scheme scheme, string output, CancellationToken cancellation = default)
    {
        using var held = Open(model);
        var (file, source) = (held.File, held.Structure);
        var data = output + ".data";
        Refuse(source, output);
        Dictionary<string, string> unfit = [];
        long? onWire = null;
        while (true)
        {
            var plan = Plan(file, source, scheme, data, unfit);
            if (scheme.IsPruning) onWire ??= Gzip([source.Path, .. source.ExternalFiles.Where(each => each.Length > 0).Select(each => each.Path)], cancellation); // while there is nothing to take back yet
            try
            {
                Write(plan, output, data, held, cancellation);
            }
            catch (UnfitValuesException found)
            {
                // Known only once its values are read, and then the plan is another.
                AddUnfit(plan, found, unfit);
                continue;
            }
            var result = Result(source, scheme, output, plan);
            return onWire is { } before ? result with { Pruning = Pruned(before, result, plan, cancellation) } : result;
        }
    }

    /// <summary>What a compressed model will weigh in bytes, external data included, without writing it: exactly what <see cref="Compress"/> writes under the same name.</summary>
    /// <param name="model">Path of the source.</param>
    /// <param name="scheme">What weights become.</param>
    /// <param name="output">The name it would have: external data is referred to by name, which takes bytes.</param>
    /// <exception cref="ModelException">The model cannot be read, or not compressed so.</exception>
    public static Compression Predict(string model, Scheme scheme, string output) => Foretell(model, scheme, output, static plan =>
    {
        using var sources = new SourceFiles();
        foreach (var piece in (IEnumerable<Piece>)[.. plan.External, .. plan.Model]) piece.Check(sources);
    });

    /// <summary>As <see cref="Predict"/> of a model whose weights are all finite. None of them is read: one with NaN or infinity stays as it is, and the model gets less small.</summary>
    /// <param name="model">Path of the source.</param>
    /// <param name="scheme">What weights become.</param>
    /// <param name="output">The name it would have.</param>
    /// <exception cref="ModelException">The model cannot be read, or not compressed so.</exception>
    public static Compression PredictOfFinite(string model, Scheme scheme, string output) => Foretell(model, scheme, output, static _ => { });

    /// <summary>As <see cref="Predict"/>, with what the conversion does to the weights: all of them are converted, and nothing is written.</summary>
    /// <param name="model">Path of the source.</param>
    /// <param name="scheme">What weights become.</param>
    /// <param name="output">The name it would have.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelException">The model cannot be read, or not compressed so.</exception>
    public static Compression Weigh(string model, Scheme scheme, string output, CancellationToken cancellation = default) => Foretell(model, scheme, output, plan =>
    {
        Write(plan, plan.External, null, cancellation);
        Write(plan, plan.Model, null, cancellation);
    });

    private static Compression Foretell(string model, Scheme scheme, string output, Action<CompressionPlan> look)
    {
        using var held = Open(model);
        var (file, source) = (held.File, held.Structure);
        Dictionary<string, string> unfit = [];
        while (true)
        {
            var plan = Plan(file, source, scheme, output + ".data", unfit);
            try
            {
                look(plan);
                held.CheckUnchanged();
                return Result(source, scheme, output, plan);
            }
            catch (UnfitValuesException found)
            {
                AddUnfit(plan, found, unfit);
            }
        }
    }

    // Where one weight holds such values others mostly do: all are sought at once, or each would cost a plan of its own.
    private static void AddUnfit(CompressionPlan plan, UnfitValuesException first, Dictionary<string, string> unfit)
    {
        unfit[first.Tensor] = first.Reason;
        using var sources = new SourceFiles();
        AddUnfit([.. plan.External, .. plan.Model], sources, unfit);
    }

    private static void AddUnfit(IReadOnlyList<Piece> pieces, SourceFiles sources, Dictionary<string, string> unfit)
    {
        foreach (var piece in pieces)
        {
            try
            {
                if (piece.Parts.Count > 0) AddUnfit(piece.Parts, sources, unfit);
                else piece.Check(sources);
            }
            catch (UnfitValuesException found)
            {
                unfit[found.Tensor] = found.Reason;
            }
        }
    }

    private static HeldModel Open(string model) => HeldModel.Open(model, file =>
    {
        var source = ModelReader.Read(file.Stream, model);
        return source.Format == ModelFormat.Onnx ? source : throw new ModelException(Diagnostics.NotCompressible, "only models in ONNX format are compressed");
    });

    private static CompressionPlan Plan(OpenedFile file, ModelFile source, Scheme scheme, string data, Dictionary<string, string> unfit)
    {
        var plan = CompressionPlan.Of(file.Stream, Path.GetFullPath(source.Path), scheme, Path.GetFileName(data), unfit);
        if (plan.Converted.Count > 0) return plan;
        var reasons = plan.Left.GroupBy(left => left.Reason).OrderByDescending(group => group.Sum(left => left.Bytes)).Select(group => group.Key).Take(3);
        var applies = scheme.IsPruning ? "would prune" : "would make smaller";
        throw new ModelException(Diagnostics.NotCompressible, plan.Left.Count == 0
            ? $"there is no weight in it that {scheme.Name} {applies}"
            : $"there is no weight in it that {scheme.Name} {applies}; of those it holds: {string.Join("; ", reasons)}");
    }

    private static Compression Result(ModelFile source, Scheme scheme, string output, CompressionPlan plan) =>
        new(source.Path, scheme, output, source.Length + source.ExternalFiles.Sum(external => external.Length), plan.Length, plan.Converted, plan.Left);

    private static PruningOutcome Pruned(long before, Compression result, CompressionPlan plan, CancellationToken cancellation)
    {
        var total = result.Total();
        var sparse = result.SizeAfter - (total.Zeros * sizeof(float)) + ((total.Elements + 7) / 8);
        return new(before, Gzip(plan.External.Count > 0 ? [result.Output, result.Output + ".data"] : [result.Output], cancellation), sparse, plan.Pruning?.Curve ?? []);
    }

    private static long Gzip(IEnumerable<string> paths, CancellationToken cancellation) => paths.Sum(path => WireSize.Gzip(path, cancellation));

    private static void Write(CompressionPlan plan, string output, string data, HeldModel source, CancellationToken cancellation)
    {
        using var external = plan.External.Count > 0 ? new PendingFile(data, plan.External.Sum(piece => piece.Length)) : null;
        using var model = new PendingFile(output, plan.Model.Sum(piece => piece.Length));
        // In this order: scales that stand in the model are those of codes that stand outside.
        if (external is not null) Write(plan, plan.External, external, cancellation);
        Write(plan, plan.Model, model, cancellation);
        source.CheckUnchanged(); // before anything has its name: half of it may be of one source and half of another
        if (external is null) model.Commit();
        else PendingFile.CommitBoth(external, model);
    }

    // Which weights are pruned where magnitudes are equal follows the order in which they come.
    private static void Write(CompressionPlan plan, IReadOnlyList<Piece> pieces, PendingFile? file, CancellationToken cancellation) =>
        PieceWriter.Write(pieces, file, inOrder: plan.Pruning is not null, cancellation);

    // Neither file of the output may be one of the source's, under whatever name: a link, another case, a path around.
    private static void Refuse(ModelFile source, string output)
    {
        foreach (var path in (string[])[output, output + ".data"])
        {
            var identity = FileIdentity.Of(path);
            foreach (var read in (IEnumerable<string>)[source.Path, .. source.ExternalFiles.Select(external => external.Path)])
            {
                if (Path.GetFullPath(path) == Path.GetFullPath(read) || identity?.IsSameFile(FileIdentity.Of(read)) == true)
                    throw new ModelException(Diagnostics.Usage, $"the output would replace {Path.GetFileName(read)}, which the model is read from; write to another name");
            }
        }
    }
}
