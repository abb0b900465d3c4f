using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>What becomes of a weight.</summary>
/// <param name="Name">Its name in the file (untrusted text).</param>
/// <param name="Bytes">Bytes before.</param>
/// <param name="Fidelity">What the conversion does to it; filled when the model has been written.</param>
public sealed record ConvertedWeight(string Name, long Bytes, WeightFidelity Fidelity);

/// <summary>A weight that stays in floating point.</summary>
/// <param name="Name">Its name in the file (untrusted text).</param>
/// <param name="Bytes">Bytes it takes.</param>
/// <param name="Reason">Why.</param>
public sealed record WeightLeft(string Name, long Bytes, string Reason);

/// <summary>How a model will be written: every byte of it, known before one is written.</summary>
/// <param name="Model">Pieces of the model file.</param>
/// <param name="External">Pieces of the file of external data; empty where there is none.</param>
/// <param name="Converted">Weights that get smaller.</param>
/// <param name="Left">Weights that stay in floating point.</param>
internal sealed record CompressionPlan(IReadOnlyList<Piece> Model, IReadOnlyList<Piece> External, IReadOnlyList<ConvertedWeight> Converted, IReadOnlyList<WeightLeft> Left)
{
    /// <summary>How weights are pruned by magnitude, where they are.</summary>
    public MagnitudePruning? Pruning { get; init; }

    /// <summary>Bytes of all files together.</summary>
    public long Length => Model.Sum(piece => piece.Length) + External.Sum(piece => piece.Length);

    /// <summary>Plans a model's compression.</summary>
    /// <param name="stream">The model file.</param>
    /// <param name="path">Its full path.</param>
    /// <param name="scheme">What weights become.</param>
    /// <param name="location">Name of the new file of external data, should there be one.</param>
    /// <param name="unfit">Why tensors stay that hold what cannot be converted, by name.</param>
    /// <exception cref="ModelException">The model is quantized already, or cannot be rewritten.</exception>
    public static CompressionPlan Of(Stream stream, string path, Scheme scheme, string location, IReadOnlyDictionary<string, string> unfit)
    {
        stream.Position = 0;
        var model = OnnxParser.Parse(stream, stream.Length);
        if (QuantizedOperators.FirstIn(model) is { } @operator)
            throw new ModelException(Diagnostics.AlreadyQuantized, $"the model has been quantized already: it uses {@operator}");
        if (model.RepeatedFields > 0)
            throw new ModelException(Diagnostics.NotCompressible, "fields stand twice where one is expected, so it cannot be told which to replace");
        return new Planner(model, stream, path, scheme, location, unfit).Plan();
    }

    private sealed class Planner(OnnxModel model, Stream stream, string path, Scheme scheme, string location, IReadOnlyDictionary<string, string> unfit)
    {
        private const int Variance = 4; // of the inputs of a batch normalization

        private readonly ValueFlow flow = ValueFlow.Of(model);
        private readonly NewExternalData external = new(path, location);
        private readonly MagnitudePruning pruning = new(scheme.Percent);
        private readonly List<ConvertedWeight> converted = [];
        private readonly List<WeightLeft> left = [];

        public CompressionPlan Plan()
        {
            var edits = new ModelEdits(model, stream, path, external);
            var activations = new QuantizedActivations(model, edits);
            var tensors = ModelWeights.Of(model, flow);
            foreach (var weight in tensors.Weights)
            {
                var reason = Convert(weight, edits, activations);
                if (reason is null) continue;
                if (weight.Storage.Type.IsFloat) left.Add(new(weight.Name, weight.Storage.Bytes, reason));
                if (weight.Tensor.IsExternal) edits.Move(weight.Tensor, weight.Name);
            }
            foreach (var (tensor, name) in tensors.Others)
            {
                var storage = Storage.Of(tensor, name);
                if (storage.Type.IsFloat && storage.Elements > 1) left.Add(new(name, storage.Bytes, "it stands in an attribute or a sparse tensor"));
                if (tensor.IsExternal) edits.Move(tensor, name);
            }
            activations.Place();
            return new CompressionPlan(edits.Rewrite(), external.Pieces, converted, left) { Pruning = scheme.Encoding == WeightEncoding.Pruned ? pruning : null };
        }

        private bool IsVariance((Node? Node, int Input) use) => use is { Node: { } node, Input: Variance } && model.Names.Text(node.Operator) == "BatchNormalization";

        private string? Convert(Weight weight, ModelEdits edits, QuantizedActivations activations)
        {
            if (weight.Storage.Type != DataTypes.Float32) return $"it is {weight.Storage.Type}, and only float32 is converted";
            if (weight.Name.Length == 0 || weight.Name.Contains('\uFFFD', StringComparison.Ordinal)) return "it has no name, or one that is not UTF-8";
            if (unfit.TryGetValue(weight.Name, out var obstacle)) return obstacle;
            if (weight.Storage.Elements < 2) return "it has a single element";
            if (weight.Graph.Nodes.Count == 0) return "its graph has no nodes";
            if (edits.InputOf(weight) is not null && model.IrVersion is >= 4) return "it is the default of an input, which a caller may replace";
            if (weight.Constant is null && edits.StandsTwice(weight)) return "its name stands twice";
            var fields = edits.Find(weight);
            if (fields.Values is null) return "its values are not stored in one piece";

            (Node? Node, int Input)[] uses = [.. flow.UsesOf(weight.Constant?.FirstOutput ?? weight.Tensor.Value)];
            var fidelity = new WeightFidelity();
            var reason = scheme.Encoding switch
            {
                WeightEncoding.Half or WeightEncoding.BrainFloat => HalfConversion.Convert(weight, fields, uses.Any(IsVariance), edits, scheme.Encoding == WeightEncoding.BrainFloat, fidelity),
                WeightEncoding.Block => BlockConversion.Convert(weight, fields, uses, edits, scheme.BlockSize, fidelity),
                WeightEncoding.Pruned => PruningConversion.ByMagnitude(weight, fields, edits, pruning, fidelity),
                WeightEncoding.TwoOfFour => PruningConversion.TwoOfFour(weight, fields, uses, edits, fidelity),
                WeightEncoding.Dynamic when Multiplications.Of(weight, uses, edits) is { } multiplications => DynamicConversion.Convert(weight, fields, multiplications, activations, edits, fidelity),
                _ => ChannelConversion.Convert(weight, fields, uses, edits, fidelity),
            };
            if (reason is null) converted.Add(new(weight.Name, weight.Storage.Bytes, fidelity));
            return reason;
        }
    }
}
