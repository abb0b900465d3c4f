using System.Globalization;
using ModelGate.Models;

namespace ModelGate.TestModels;

/// <summary>More published architectures with weights of zero, best saved to a file, where they are holes.</summary>
public static class PublishedModels
{
    /// <summary>SqueezeNet 1.1: 1,235,496 parameters. Iandola et al., 2016.</summary>
    public static Message SqueezeNet11()
    {
        var graph = new OnnxGraph("squeezenet1_1").Input("image", DataTypes.Float32, "batch", "3", "224", "224");
        var value = Convolution(graph, "conv1", "image", 3, 64, 3);
        var channels = 64;
        (int Squeeze, int Expand)[] fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
        for (var fire = 0; fire < fires.Length; fire++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"fire{fire + 2}");
            var squeezed = Convolution(graph, name + ".squeeze", value, channels, fires[fire].Squeeze, 1);
            var (narrow, wide) = (Convolution(graph, name + ".expand1x1", squeezed, fires[fire].Squeeze, fires[fire].Expand, 1), Convolution(graph, name + ".expand3x3", squeezed, fires[fire].Squeeze, fires[fire].Expand, 3));
            graph.Node("Concat", $"{narrow} {wide}", name, Onnx.Attribute("axis", 1L));
            (value, channels) = (name, 2 * fires[fire].Expand);
        }
        return Onnx.Model(graph.Node("GlobalAveragePool", Convolution(graph, "classifier", value, channels, 1000, 1), "pooled").Node("Flatten", "pooled", "logits").Output("logits", DataTypes.Float32, "batch", "1000"));
    }

    /// <summary>VGG-16: 138,357,544 parameters. Simonyan and Zisserman, 2014.</summary>
    public static Message Vgg16()
    {
        var graph = new OnnxGraph("vgg16").Input("image", DataTypes.Float32, "batch", "3", "224", "224");
        var (value, channels) = ("image", 3);
        int[] widths = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
        for (var layer = 0; layer < widths.Length; layer++)
            (value, channels) = (Convolution(graph, string.Create(CultureInfo.InvariantCulture, $"conv{layer}"), value, channels, widths[layer], 3), widths[layer]);
        graph.Node("Flatten", value, "flat");
        value = Dense(graph, "fc6", "flat", 25088, 4096);
        value = Dense(graph, "fc7", value, 4096, 4096);
        return Onnx.Model(graph.Node("Identity", Dense(graph, "fc8", value, 4096, 1000), "logits").Output("logits", DataTypes.Float32, "batch", "1000"));
    }

    /// <summary>BERT-base without a head, attention written out as exporters do: 109,482,240 parameters. Devlin et al., 2018.</summary>
    public static Message BertBase()
    {
        const int Size = 768, Hidden = 3072, Layers = 12;
        var graph = new OnnxGraph("bert").Input("ids", DataTypes.Int64, "batch", "tokens").Input("positions", DataTypes.Int64, "batch", "tokens").Input("types", DataTypes.Int64, "batch", "tokens").Input("mask", DataTypes.Float32, "batch", "1", "1", "tokens")
            .Initializer(Onnx.Zeros("word", DataTypes.Float32, 30522, Size), Onnx.Zeros("position", DataTypes.Float32, 512, Size), Onnx.Zeros("type", DataTypes.Float32, 2, Size))
            .Initializer(Onnx.Ints("split", [4], 0, 0, 12, 64), Onnx.Ints("joined", [3], 0, 0, Size), Onnx.Ints("first", [], 0), Onnx.Floats("root", [], 8))
            .Node("Gather", "word ids", "e1").Node("Gather", "position positions", "e2").Node("Gather", "type types", "e3").Node("Add", "e1 e2", "e12").Node("Add", "e12 e3", "e");
        var value = Normalization(graph, "embedding.norm", "e", Size);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"layer{layer}");
            foreach (var part in new[] { "query", "key", "value" })
                graph.Node("Reshape", $"{Dense(graph, $"{name}.{part}", value, Size, Size)} split", $"{name}.{part}.heads").Node("Transpose", $"{name}.{part}.heads", $"{name}.{part}.t");
            graph.Node("MatMul", $"{name}.query.t {name}.key.t", $"{name}.scores").Node("Div", $"{name}.scores root", $"{name}.scaled").Node("Add", $"{name}.scaled mask", $"{name}.masked")
                .Node("Softmax", $"{name}.masked", $"{name}.shares").Node("MatMul", $"{name}.shares {name}.value.t", $"{name}.seen").Node("Transpose", $"{name}.seen", $"{name}.back").Node("Reshape", $"{name}.back joined", $"{name}.context");
            graph.Node("Add", $"{Dense(graph, name + ".result", name + ".context", Size, Size)} {value}", name + ".attended");
            value = Normalization(graph, name + ".norm1", name + ".attended", Size);
            graph.Node("Erf", Dense(graph, name + ".up", value, Size, Hidden), name + ".active");
            graph.Node("Add", $"{Dense(graph, name + ".down", name + ".active", Hidden, Size)} {value}", name + ".fed");
            value = Normalization(graph, name + ".norm2", name + ".fed", Size);
        }
        graph.Node("Gather", $"{value} first", "token", Onnx.Attribute("axis", 1L));
        return Onnx.Model(graph.Node("Tanh", Dense(graph, "pooler", "token", Size, Size), "pooled").Output("pooled", DataTypes.Float32, "batch", "768"));
    }

    private static string Convolution(OnnxGraph graph, string name, string input, int channels, int width, int size)
    {
        graph.Initializer(Onnx.Zeros(name + ".weight", DataTypes.Float32, width, channels, size, size), Onnx.Zeros(name + ".bias", DataTypes.Float32, width))
            .Node("Conv", $"{input} {name}.weight {name}.bias", name + ".out").Node("Relu", name + ".out", name + ".relu");
        return name + ".relu";
    }

    private static string Dense(OnnxGraph graph, string name, string input, int inputs, int outputs)
    {
        graph.Initializer(Onnx.Zeros(name + ".weight", DataTypes.Float32, inputs, outputs), Onnx.Zeros(name + ".bias", DataTypes.Float32, outputs))
            .Node("MatMul", $"{input} {name}.weight", name + ".product").Node("Add", $"{name}.product {name}.bias", name + ".out");
        return name + ".out";
    }

    private static string Normalization(OnnxGraph graph, string name, string input, int size)
    {
        graph.Initializer(Onnx.Zeros(name + ".weight", DataTypes.Float32, size), Onnx.Zeros(name + ".bias", DataTypes.Float32, size)).Node("LayerNormalization", $"{input} {name}.weight {name}.bias", name + ".out");
        return name + ".out";
    }
}
