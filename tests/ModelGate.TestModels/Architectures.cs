using System.Globalization;
using ModelGate.Models;

namespace ModelGate.TestModels;

/// <summary>Published architectures with weights of zero: the structure and the counts are the published ones, the file is all holes.</summary>
public static class Architectures
{
    /// <summary>ResNet-50 as torchvision exports it without folding batch normalization: 25,557,032 parameters. He et al., 2015.</summary>
    public static Message ResNet50()
    {
        var graph = new OnnxGraph("resnet50").Input("image", DataTypes.Float32, "batch", "3", "224", "224");
        var value = Convolution(graph, "conv1", "image", 3, 64, 7, 2, true);
        graph.Node("MaxPool", value, "pool", Onnx.Attribute("kernel_shape", 3L, 3), Onnx.Attribute("strides", 2L, 2), Onnx.Attribute("pads", 1L, 1, 1, 1));
        value = "pool";
        var channels = 64;
        int[] depths = [3, 4, 6, 3];
        for (var stage = 0; stage < 4; stage++)
        {
            for (var block = 0; block < depths[stage]; block++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"layer{stage + 1}.{block}");
                var (width, stride) = (64 << stage, block == 0 && stage > 0 ? 2 : 1);
                var branch = Convolution(graph, name + ".conv1", value, channels, width, 1, 1, true);
                branch = Convolution(graph, name + ".conv2", branch, width, width, 3, stride, true);
                branch = Convolution(graph, name + ".conv3", branch, width, width * 4, 1, 1, false);
                var shortcut = block == 0 ? Convolution(graph, name + ".downsample", value, channels, width * 4, 1, stride, false) : value;
                graph.Node("Add", $"{branch} {shortcut}", name + ".sum").Node("Relu", name + ".sum", name);
                (value, channels) = (name, width * 4);
            }
        }
        return Onnx.Model(graph
            .Node("GlobalAveragePool", value, "pooled").Node("Flatten", "pooled", "flat")
            .Initializer(Onnx.Zeros("fc.weight", DataTypes.Float32, 1000, 2048), Onnx.Zeros("fc.bias", DataTypes.Float32, 1000))
            .Node("Gemm", "flat fc.weight fc.bias", "logits", Onnx.Attribute("transB", 1L))
            .Output("logits", DataTypes.Float32, "batch", "1000"));
    }

    /// <summary>MobileNetV2 as torchvision exports it without folding batch normalization: 3,504,872 parameters. Sandler et al., 2018.</summary>
    public static Message MobileNetV2()
    {
        var graph = new OnnxGraph("mobilenet_v2").Input("image", DataTypes.Float32, "batch", "3", "224", "224")
            .Initializer(Onnx.Floats("zero", [], 0), Onnx.Floats("six", [], 6));
        var value = Relu6(graph, Convolution(graph, "stem", "image", 3, 32, 3, 2, false));
        var channels = 32;
        (int Expansion, int Channels, int Blocks, int Stride)[] stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        for (var stage = 0; stage < stages.Length; stage++)
        {
            for (var block = 0; block < stages[stage].Blocks; block++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"stage{stage}.{block}");
                var (width, stride) = (channels * stages[stage].Expansion, block == 0 ? stages[stage].Stride : 1);
                var branch = width == channels ? value : Relu6(graph, Convolution(graph, name + ".expand", value, channels, width, 1, 1, false));
                branch = Relu6(graph, Convolution(graph, name + ".depthwise", branch, width, width, 3, stride, false, groups: width));
                branch = Convolution(graph, name + ".project", branch, width, stages[stage].Channels, 1, 1, false);
                if (stride == 1 && channels == stages[stage].Channels)
                {
                    graph.Node("Add", $"{value} {branch}", name);
                    branch = name;
                }

                (value, channels) = (branch, stages[stage].Channels);
            }
        }
        value = Relu6(graph, Convolution(graph, "head", value, channels, 1280, 1, 1, false));
        return Onnx.Model(graph
            .Node("GlobalAveragePool", value, "pooled").Node("Flatten", "pooled", "flat")
            .Initializer(Onnx.Zeros("fc.weight", DataTypes.Float32, 1000, 1280), Onnx.Zeros("fc.bias", DataTypes.Float32, 1000))
            .Node("Gemm", "flat fc.weight fc.bias", "logits", Onnx.Attribute("transB", 1L))
            .Output("logits", DataTypes.Float32, "batch", "1000"));
    }

    /// <summary>BERT-base, uncased, without a head: 109,482,240 parameters. Devlin et al., 2018.</summary>
    public static Message BertBase()
    {
        const int Layers = 12, Width = 768, Inner = 3072, Heads = 12;
        var graph = new OnnxGraph("bert_base").Input("input_ids", DataTypes.Int64, "batch", "length").Input("token_type_ids", DataTypes.Int64, "batch", "length").Input("position_ids", DataTypes.Int64, "batch", "length")
            .Initializer(Onnx.Zeros("word", DataTypes.Float32, 30522, Width), Onnx.Zeros("position", DataTypes.Float32, 512, Width), Onnx.Zeros("token_type", DataTypes.Float32, 2, Width))
            .Initializer(Onnx.Ints("split", [4], 0, 0, Heads, Width / Heads), Onnx.Ints("merge", [3], 0, 0, Width), Onnx.Floats("root", [], MathF.Sqrt(Width / Heads)), Onnx.Ints("first", [], 0))
            .Initializer(Onnx.Floats("two", [], MathF.Sqrt(2)), Onnx.Floats("one", [], 1), Onnx.Floats("half", [], 0.5f))
            .Node("Gather", "word input_ids", "words").Node("Gather", "position position_ids", "positions").Node("Gather", "token_type token_type_ids", "types")
            .Node("Add", "words positions", "placed").Node("Add", "placed types", "embedded");
        var value = Normalized(graph, "embeddings", "embedded", Width);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"layer{layer}");
            var (query, key, content) = (Head("query", false), Head("key", true), Head("value", false));
            graph.Node("MatMul", $"{query} {key}", name + ".raw").Node("Div", name + ".raw root", name + ".scores").Node("Softmax", name + ".scores", name + ".shares", Onnx.Attribute("axis", -1L))
                .Node("MatMul", $"{name}.shares {content}", name + ".seen").Node("Transpose", name + ".seen", name + ".back", Onnx.Attribute("perm", 0L, 2, 1, 3)).Node("Reshape", $"{name}.back merge", name + ".merged")
                .Node("Add", $"{Dense(graph, name + ".output", name + ".merged", Width, Width)} {value}", name + ".attended");
            var attended = Normalized(graph, name + ".attention", name + ".attended", Width);
            var raised = Dense(graph, name + ".up", attended, Width, Inner);
            graph.Node("Div", raised + " two", name + ".scaled").Node("Erf", name + ".scaled", name + ".erf").Node("Add", name + ".erf one", name + ".above").Node("Mul", $"{raised} {name}.above", name + ".twice").Node("Mul", name + ".twice half", name + ".gelu")
                .Node("Add", $"{Dense(graph, name + ".down", name + ".gelu", Inner, Width)} {attended}", name + ".sum");
            value = Normalized(graph, name + ".final", name + ".sum", Width);

            string Head(string part, bool isTurned)
            {
                var whole = Dense(graph, $"{name}.{part}", value, Width, Width);
                graph.Node("Reshape", whole + " split", whole + ".split").Node("Transpose", whole + ".split", whole + ".heads", Onnx.Attribute("perm", isTurned ? new[] { 0L, 2, 3, 1 } : [0L, 2, 1, 3]));
                return whole + ".heads";
            }
        }
        return Onnx.Model(graph
            .Node("Gather", value + " first", "start", Onnx.Attribute("axis", 1L)).Node("Tanh", Dense(graph, "pooler", "start", Width, Width), "pooled")
            .Output(value, DataTypes.Float32, "batch", "length", "768").Output("pooled", DataTypes.Float32, "batch", "768"));
    }

    private static string Dense(OnnxGraph graph, string name, string input, int inputs, int outputs)
    {
        graph.Initializer(Onnx.Zeros(name + ".weight", DataTypes.Float32, inputs, outputs), Onnx.Zeros(name + ".bias", DataTypes.Float32, outputs))
            .Node("MatMul", $"{input} {name}.weight", name + ".product").Node("Add", $"{name}.product {name}.bias", name);
        return name;
    }

    private static string Normalized(OnnxGraph graph, string name, string input, int width)
    {
        graph.Initializer(Onnx.Zeros(name + ".gamma", DataTypes.Float32, width), Onnx.Zeros(name + ".beta", DataTypes.Float32, width))
            .Node("LayerNormalization", $"{input} {name}.gamma {name}.beta", name + ".normalized");
        return name + ".normalized";
    }

    private static string Relu6(OnnxGraph graph, string input)
    {
        graph.Node("Clip", input + " zero six", input + ".relu6");
        return input + ".relu6";
    }

    private static string Convolution(OnnxGraph graph, string name, string input, int channels, int filters, int kernel, int stride, bool activated, int groups = 1)
    {
        graph
            .Initializer(Onnx.Zeros(name + ".weight", DataTypes.Float32, filters, channels / groups, kernel, kernel))
            .Initializer(new[] { "gamma", "beta", "mean", "variance" }.Select(part => Onnx.Zeros($"{name}.{part}", DataTypes.Float32, filters)))
            .Node("Conv", $"{input} {name}.weight", name + ".conv", Onnx.Attribute("strides", [(long)stride, stride]), Onnx.Attribute("pads", Enumerable.Repeat(kernel / 2L, 4).ToArray()), Onnx.Attribute("group", groups))
            .Node("BatchNormalization", $"{name}.conv {name}.gamma {name}.beta {name}.mean {name}.variance", name + ".norm");
        if (activated) graph.Node("Relu", name + ".norm", name + ".relu");
        return name + (activated ? ".relu" : ".norm");
    }
}
