using System.Globalization;
using ModelGate.Models;

namespace ModelGate.TestModels;

/// <summary>Chains of 3×3 convolutions: models whose time follows their multiply-accumulates, as long as one likes, and slower by as little as one likes.</summary>
public static class Convolutions
{
    /// <summary>A chain over an image of <paramref name="side"/>² pixels; channels × channels × 9 × side² multiply-accumulates per layer.</summary>
    /// <param name="channels">Channels of the image and of every layer.</param>
    /// <param name="side">Height and width.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="extra">Small dense layers (channels × channels) after the last one: a microsecond or two each.</param>
    public static Message Chain(int channels, int side, int layers, int extra = 0)
    {
        var graph = new OnnxGraph("chain").Input("image", DataTypes.Float32, "1", $"{channels}", $"{side}", $"{side}");
        string value = "image";
        for (int layer = 0; layer < layers; layer++)
        {
            string name = Name("layer", layer);
            graph.Initializer(Onnx.Weights(name + ".weight", channels, channels, 3, 3))
                .Node("Conv", $"{value} {name}.weight", name + ".sum", Onnx.Attribute("pads", 1L, 1, 1, 1))
                .Node("Relu", name + ".sum", name);
            value = name;
        }

        graph.Node("GlobalAveragePool", value, "pooled").Node("Flatten", "pooled", Name("dense", 0)).Initializer(Onnx.Weights("dense.weight", channels, channels));
        for (int layer = 0; layer < extra; layer++)
            graph.Node("MatMul", Name("dense", layer) + " dense.weight", Name("dense", layer + 1));
        return Onnx.Model(graph.Output(Name("dense", extra), DataTypes.Float32, "1", $"{channels}"));
    }

    private static string Name(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}{index}");
}
