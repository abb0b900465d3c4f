using ModelGate.Models;

namespace ModelGate.TestModels;

/// <summary>Small models that ONNX Runtime runs.</summary>
public static class SmallModels
{
    /// <summary>One dense layer, x[batch,4] → y[batch,2]: 8 weights and 2 biases.</summary>
    public static Message Dense() => Dense(4, 2);

    /// <summary>One dense layer, x[batch,inputs] → y[batch,outputs].</summary>
    public static Message Dense(int inputs, int outputs) => Onnx.Model(new OnnxGraph("dense")
        .Input("x", DataTypes.Float32, "batch", $"{inputs}")
        .Initializer(Onnx.Weights("w", inputs, outputs), Onnx.Weights("b", outputs))
        .Node("Gemm", "x w b", "y")
        .Output("y", DataTypes.Float32, "batch", $"{outputs}"));

    /// <summary>A classifier of 3×32×32 images with two convolutions: small, but with work to time.</summary>
    public static Message Convolutional() => Onnx.Model(new OnnxGraph("convolutional")
        .Input("image", DataTypes.Float32, "batch", "3", "32", "32")
        .Initializer(Onnx.Weights("conv1.weight", 16, 3, 3, 3), Onnx.Weights("conv1.bias", 16), Onnx.Weights("conv2.weight", 32, 16, 3, 3), Onnx.Weights("conv2.bias", 32))
        .Initializer(Onnx.Weights("fc.weight", 32, 10), Onnx.Weights("fc.bias", 10))
        .Node("Conv", "image conv1.weight conv1.bias", "c1", Onnx.Attribute("pads", 1L, 1, 1, 1))
        .Node("Relu", "c1", "r1")
        .Node("MaxPool", "r1", "p1", Onnx.Attribute("kernel_shape", 2L, 2), Onnx.Attribute("strides", 2L, 2))
        .Node("Conv", "p1 conv2.weight conv2.bias", "c2", Onnx.Attribute("pads", 1L, 1, 1, 1))
        .Node("Relu", "c2", "r2")
        .Node("GlobalAveragePool", "r2", "pooled")
        .Node("Flatten", "pooled", "flat")
        .Node("Gemm", "flat fc.weight fc.bias", "logits")
        .Node("Softmax", "logits", "scores")
        .Output("scores", DataTypes.Float32, "batch", "10"));

    /// <summary>A loop that adds one to its input <paramref name="iterations"/> times; the largest number never ends in practice.</summary>
    public static Message Looping(long iterations = long.MaxValue) => Onnx.Model(new OnnxGraph("looping")
        .Input("x", DataTypes.Float32, "1")
        .Initializer(Onnx.Ints("count", [], iterations), Onnx.Header("go", DataTypes.Bool).Bytes(9, [1]))
        .Node("Loop", "count go x", "y", Onnx.Attribute("body", new OnnxGraph("body")
            .Input("i", DataTypes.Int64).Input("more", DataTypes.Bool).Input("v", DataTypes.Float32, "1")
            .Initializer(Onnx.Floats("one", [1], 1))
            .Node("Identity", "more", "still")
            .Node("Add", "v one", "w")
            .Output("still", DataTypes.Bool).Output("w", DataTypes.Float32, "1")))
        .Output("y", DataTypes.Float32, "1"));

    /// <summary>A model that fills an output of <paramref name="gigabytes"/> GB with zeros.</summary>
    public static Message Allocating(int gigabytes) => Onnx.Model(new OnnxGraph("allocating")
        .Input("x", DataTypes.Float32, "1")
        .Initializer(Onnx.Ints("shape", [2], gigabytes, 250_000_000))
        .Node("Expand", "x shape", "y")
        .Output("y", DataTypes.Float32, $"{gigabytes}", "250000000"));

    /// <summary>Attention of one head over x[n,size], with its projections: scores of n × n between them.</summary>
    public static Message Attention(int size) => Onnx.Model(new OnnxGraph("attention")
        .Input("x", DataTypes.Float32, "n", $"{size}")
        .Initializer(new[] { "query", "key", "value", "result" }.Select(name => Onnx.Weights(name, size, size)))
        .Node("MatMul", "x query", "q").Node("MatMul", "x key", "k").Node("MatMul", "x value", "v")
        .Node("Transpose", "k", "kt", Onnx.Attribute("perm", 1L, 0))
        .Node("MatMul", "q kt", "scores").Node("Softmax", "scores", "shares", Onnx.Attribute("axis", -1L))
        .Node("MatMul", "shares v", "seen").Node("MatMul", "seen result", "y")
        .Output("y", DataTypes.Float32, "n", $"{size}"));

    /// <summary>
    /// The same with the operator that exporters and optimizers put in place of the three: the runtime goes over the scores a block at a
    /// time and never holds all of them. x is [1,n,size].
    /// </summary>
    public static Message FusedAttention(int size) => Onnx.Model(new OnnxGraph("fused attention")
        .Input("x", DataTypes.Float32, "1", "n", $"{size}")
        .Initializer(new[] { "query", "key", "value", "result" }.Select(name => Onnx.Weights(name, size, size)))
        .Node("MatMul", "x query", "q").Node("MatMul", "x key", "k").Node("MatMul", "x value", "v")
        .Node("MultiHeadAttention", "com.microsoft", "q k v", "seen", Onnx.Attribute("num_heads", 1L))
        .Node("MatMul", "seen result", "y")
        .Output("y", DataTypes.Float32, "1", "n", $"{size}"), others: ("com.microsoft", 1));

    /// <summary>Two dense layers over each row of x[n,size] by itself.</summary>
    public static Message Perceptron(int size, int hidden) => Onnx.Model(new OnnxGraph("perceptron")
        .Input("x", DataTypes.Float32, "n", $"{size}")
        .Initializer(Onnx.Weights("first", size, hidden), Onnx.Weights("second", hidden, size))
        .Node("MatMul", "x first", "h").Node("Relu", "h", "r").Node("MatMul", "r second", "y")
        .Output("y", DataTypes.Float32, "n", $"{size}"));

    /// <summary>A model with a node that no runtime knows.</summary>
    public static Message UnknownOperator() => Onnx.Model(new OnnxGraph("unknown")
        .Input("x", DataTypes.Float32, "1").Node("Summon", "com.example", "x", "y").Output("y", DataTypes.Float32, "1"), others: ("com.example", 1));
}
