using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.TestModels;

/// <summary>Models whose inputs are no plain tensors of numbers.</summary>
public static class InputModels
{
    /// <summary>A classical pipeline: two columns of text are each encoded one-hot, and a linear model sums them up.</summary>
    public static Message TextPipeline() => Onnx.Model(new OnnxGraph("pipeline")
        .Input("city", DataTypes.String, "batch", "1").Input("job", DataTypes.String, "batch", "1")
        .Node("OneHotEncoder", "ai.onnx.ml", "city", "a", Onnx.Attribute("cats_strings", "text", "Oslo", "Rome"))
        .Node("OneHotEncoder", "ai.onnx.ml", "job", "b", Onnx.Attribute("cats_strings", "baker", "text"))
        .Initializer(Onnx.Ints("flat", [2], -1, 3), Onnx.Ints("flatter", [2], -1, 2))
        .Node("Reshape", "a flat", "af").Node("Reshape", "b flatter", "bf")
        .Node("Concat", "af bf", "features", Onnx.Attribute("axis", 1L))
        .Node("LinearRegressor", "ai.onnx.ml", "features", "y", Onnx.Attribute("coefficients", 1f, 2, 3, 4, 5), Onnx.Attribute("intercepts", [0.5f]))
        .Output("y", DataTypes.Float32, "batch", "1"), others: ("ai.onnx.ml", 3));

    /// <summary>Concatenates a sequence of tensors of 2×3.</summary>
    public static Message Sequence() => Onnx.Model(Input(new OnnxGraph("sequence"), "xs", new Message().Nested(4, new Message().Nested(1, Tensor("2", "3"))))
        .Node("ConcatFromSequence", "xs", "y", Onnx.Attribute("axis", 0L))
        .Output("y", DataTypes.Float32, "rows", "3"));

    /// <summary>Takes the tensor out of an optional one.</summary>
    public static Message OptionalTensor() => Onnx.Model(Input(new OnnxGraph("optional"), "x", new Message().Nested(9, new Message().Nested(1, Tensor("2", "3"))))
        .Node("OptionalGetElement", "x", "t").Node("Relu", "t", "y")
        .Output("y", DataTypes.Float32, "2", "3"), opset: 18);

    /// <summary>Makes a vector of a map from text to numbers.</summary>
    public static Message Map() => Onnx.Model(Input(new OnnxGraph("map"), "x", new Message().Nested(5, new Message().Varint(1, ElementTypes.NumberOf(DataTypes.String)).Nested(2, Tensor())))
        .Node("DictVectorizer", "ai.onnx.ml", "x", "y", Onnx.Attribute("string_vocabulary", "text", "other"))
        .Output("y", DataTypes.Float32, "1", "2"), others: ("ai.onnx.ml", 1));

    /// <summary>What a language model with a cache asks of its inputs: that the mask is as long as the cached and the new tokens together.</summary>
    /// <param name="past">Name of the length that is cached; empty for none.</param>
    /// <param name="total">Name of the mask's length.</param>
    /// <param name="sequence">Name of the length that is new.</param>
    public static Message CachedDecoder(string past, string total, string sequence) => Onnx.Model(new OnnxGraph("decoder")
        .Input("input_ids", DataTypes.Int64, "batch", sequence).Input("attention_mask", DataTypes.Int64, "batch", total).Input("past_key_values.0.key", DataTypes.Float32, "batch", "1", past, "1")
        .Initializer(Onnx.Ints("column", [4], 1, 1, -1, 1))
        .Node("Cast", "input_ids", "ids", Onnx.Attribute("to", 1L)).Node("Cast", "attention_mask", "mask", Onnx.Attribute("to", 1L))
        .Node("Reshape", "ids column", "new").Node("Reshape", "mask column", "covered")
        .Node("Concat", "past_key_values.0.key new", "present", Onnx.Attribute("axis", 2L)).Node("Concat", "present covered", "y", Onnx.Attribute("axis", 3L))
        .Output("y", DataTypes.Float32, "batch", "1", "all", "2"));

    // TypeProto: tensor_type = 1, sequence_type = 4, map_type = 5, optional_type = 9.
    private static OnnxGraph Input(OnnxGraph graph, string name, Message type)
    {
        graph.Message.Nested(11, new Message().Text(1, name).Nested(2, type));
        return graph;
    }

    private static Message Tensor(params string[] dims)
    {
        var shape = new Message();
        foreach (string dim in dims)
            shape.Nested(1, new Message().Varint(1, long.Parse(dim, System.Globalization.CultureInfo.InvariantCulture)));
        var tensor = new Message().Varint(1, ElementTypes.NumberOf(DataTypes.Float32));
        return new Message().Nested(1, dims.Length == 0 ? tensor : tensor.Nested(2, shape));
    }
}
