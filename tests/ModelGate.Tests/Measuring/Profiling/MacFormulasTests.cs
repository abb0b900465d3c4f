using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Tests.Measuring.Profiling;

/// <summary>Every formula against a value worked out by hand from the operator's specification.</summary>
[TestClass]
public sealed class MacFormulasTests
{
    [TestMethod]
    // filters × positions × channels of a group × kernel
    [DataRow("Conv", "1,3,224,224 64,3,7,7 64", "1,64,112,112", 64.0 * 112 * 112 * 3 * 49, DisplayName = "Conv")]
    [DataRow("Conv", "2,8,10,10 8,1,3,3", "2,8,8,8", 2.0 * 8 * 8 * 8 * 1 * 9, DisplayName = "Conv, depthwise")]
    [DataRow("Conv", "1,6,20 9,2,3", "1,9,16", 9.0 * 16 * 2 * 3, DisplayName = "Conv, three groups, dilation 2")]
    [DataRow("Conv", "1,2,4,4,4 5,2,3,3,3", "1,5,2,2,2", 5.0 * 8 * 2 * 27, DisplayName = "Conv, three dimensions")]
    [DataRow("FusedConv", "1,3,8,8 4,3,3,3 4", "1,4,8,8", 4.0 * 64 * 3 * 9)]
    // every input element into the kernels of the filters of its group
    [DataRow("ConvTranspose", "1,4,5,5 4,6,3,3", "1,6,11,11", 4.0 * 25 * 6 * 9, DisplayName = "ConvTranspose")]
    [DataRow("ConvTranspose", "1,4,5,5 4,3,2,2", "1,6,10,10", 4.0 * 25 * 3 * 4, DisplayName = "ConvTranspose, two groups")]
    [DataRow("DeformConv", "1,2,6,6 4,2,3,3 1,18,4,4", "1,4,4,4", 4.0 * 16 * 2 * 9)]
    [DataRow("ConvInteger", "1,3,8,8 4,3,3,3", "1,4,6,6", 4.0 * 36 * 3 * 9)]
    [DataRow("QLinearConv", "1,3,8,8 - - 4,3,3,3 - - - - 4", "1,4,6,6", 4.0 * 36 * 3 * 9)]
    // rows × columns × what is summed over
    [DataRow("Gemm", "7,5 5,3 3", "7,3", 7.0 * 3 * 5, DisplayName = "Gemm")]
    [DataRow("Gemm", "5,7 5,3 3", "7,3", 7.0 * 3 * 5, DisplayName = "Gemm, A transposed")]
    [DataRow("QGemm", "7,5 - - 5,3", "7,3", 7.0 * 3 * 5)]
    [DataRow("MatMul", "7,5 5,3", "7,3", 7.0 * 3 * 5, DisplayName = "MatMul")]
    [DataRow("MatMul", "2,1,7,5 4,5,3", "2,4,7,3", 8.0 * 7 * 3 * 5, DisplayName = "MatMul, broadcast")]
    [DataRow("MatMul", "5 5", "-", 5.0, DisplayName = "MatMul, two vectors")]
    [DataRow("MatMul", "7,5 5", "7", 7.0 * 5, DisplayName = "MatMul, matrix and vector")]
    [DataRow("MatMulInteger", "2,7,5 5,3", "2,7,3", 2.0 * 7 * 3 * 5)]
    [DataRow("QLinearMatMul", "7,5 - - 5,3", "7,3", 7.0 * 3 * 5)]
    [DataRow("DynamicQuantizeMatMul", "7,5 5,3 -", "7,3", 7.0 * 3 * 5)]
    [DataRow("MatMulIntegerToFloat", "7,5 5,3 - -", "7,3", 7.0 * 3 * 5)]
    [DataRow("MatMulNBits", "1,4,64 32,2,16 64", "1,4,32", 4.0 * 32 * 64)]
    // steps × batch × directions × gates × hidden × (input + hidden)
    [DataRow("LSTM", "10,2,6 1,20,6 1,20,5", "10,1,2,5", 10.0 * 2 * 4 * 5 * (6 + 5), DisplayName = "LSTM")]
    [DataRow("LSTM", "10,2,6 2,20,6 2,20,5 2,40", "10,2,2,5", 10.0 * 2 * 2 * 4 * 5 * (6 + 5), DisplayName = "LSTM, both directions")]
    [DataRow("GRU", "10,2,6 1,15,6 1,15,5", "10,1,2,5", 10.0 * 2 * 3 * 5 * (6 + 5))]
    [DataRow("RNN", "10,2,6 1,5,6 1,5,5", "10,1,2,5", 10.0 * 2 * 5 * (6 + 5))]
    [DataRow("DynamicQuantizeLSTM", "10,2,6 1,6,20 1,5,20", "10,1,2,5", 10.0 * 2 * 4 * 5 * (6 + 5))]
    // scores: queries × keys × size of the heads; then scores × values
    [DataRow("Attention", "2,3,8,16 2,3,10,16 2,3,10,20", "2,3,8,20", 2.0 * 3 * 8 * 10 * (16 + 20), DisplayName = "Attention of the standard, heads apart")]
    [DataRow("Attention", "2,8,48 2,10,48 2,10,60", "2,8,60", 2.0 * 8 * 10 * (48 + 60), DisplayName = "Attention of the standard, heads together")]
    [DataRow("Attention", "2,8,24 24,72 72", "2,8,24", (2.0 * 8 * 24 * 72) + (2.0 * 8 * 8 * 2 * 24), DisplayName = "Attention of ONNX Runtime, with its projection")]
    [DataRow("Attention", "2,1,24 24,72 72 - 2,2,3,9,8", "2,1,24 2,2,3,10,8", (2.0 * 24 * 72) + (2.0 * 10 * 2 * 24), DisplayName = "Attention of ONNX Runtime, with nine past keys")]
    [DataRow("QAttention", "2,8,24 24,72 72 - - - - -", "2,8,24", (2.0 * 8 * 24 * 72) + (2.0 * 8 * 8 * 2 * 24))]
    [DataRow("MultiHeadAttention", "2,8,48 2,10,48 2,10,60", "2,8,60", 2.0 * 8 * 10 * (48 + 60), DisplayName = "MultiHeadAttention")]
    [DataRow("MultiHeadAttention", "2,8,3,3,16", "2,8,48", 2.0 * 8 * 8 * (48 + 48), DisplayName = "MultiHeadAttention, packed")]
    [DataRow("GroupQueryAttention", "1,4,64 1,4,16 1,4,16 1,2,5,8 1,2,5,8 1 -", "1,4,64 1,2,9,8 1,2,9,8", 4.0 * 9 * 2 * 64)]
    [DataRow("AffineGrid", "2,2,3 4", "2,5,6,2", 2.0 * 30 * 2 * 3, DisplayName = "AffineGrid")]
    [DataRow("CDist", "7,5 3,5", "7,3", 7.0 * 3 * 5)]
    [DataRow("GatedRelativePositionBias", "2,9,12 12 1,3,9,9 4,8 8 1,3,1,1", "2,3,9,9", 2.0 * 9 * 3 * 4 * 8)]
    [DataRow("Relu", "1,64,112,112", "1,64,112,112", 0.0)]
    [DataRow("Add", "5,5 5,5", "5,5", 0.0)]
    public void Formula_agrees_with_the_hand(string name, string inputs, string outputs, double expected) =>
        Assert.AreEqual(expected, MacFormulas.Of(Node(name, inputs, outputs), null));

    [TestMethod]
    [DataRow("ij,jk->ik", "7,5 5,3", 105.0)]
    [DataRow("bhid,bhjd->bhij", "2,3,4,8 2,3,5,8", 2.0 * 3 * 4 * 5 * 8)]
    [DataRow("ij,jk", "7,5 5,3", 105.0, DisplayName = "without an arrow")]
    [DataRow("...ij,...jk->...ik", "2,1,7,5 4,5,3", 8.0 * 7 * 3 * 5, DisplayName = "with broadcasting")]
    [DataRow("ij->ji", "7,5", 0.0, DisplayName = "a transposition")]
    [DataRow("ij,jk,kl->il", "7,5 5,3 3,2", 105.0 + (7 * 3 * 2), DisplayName = "three operands, from left to right")]
    [DataRow("ii,ij->j", "7,7 7,5", 35.0, DisplayName = "a diagonal")]
    public void Einsum_multiplies_over_all_of_its_letters(string equation, string inputs, double expected) =>
        Assert.AreEqual(expected, MacFormulas.Of(Node("Einsum", inputs, "1"), Graph("Einsum", inputs) with { Equation = equation }));

    [TestMethod]
    [DataRow("ij,jk->ik", "7,5")]
    [DataRow("ij->ik->ij", "7,5")]
    [DataRow("i?->i", "7,5")]
    [DataRow("ijk,jk->i", "7,5 5,3")]
    public void An_equation_that_does_not_fit_is_not_counted(string equation, string inputs) =>
        Assert.IsNull(MacFormulas.Of(Node("Einsum", inputs, "1"), Graph("Einsum", inputs) with { Equation = equation }));

    [TestMethod]
    public void Attributes_are_asked_for_only_where_shapes_leave_something_open()
    {
        var product = Node("FusedMatMul", "5,7 5,3", "7,3");
        Assert.IsNull(MacFormulas.Of(product, null), "A may be transposed");
        Assert.AreEqual(105, MacFormulas.Of(product, Graph("FusedMatMul", "5,7 5,3") with { Ints = new Dictionary<string, long> { ["transA"] = 1 } }));
        Assert.IsNull(MacFormulas.Of(Node("Einsum", "7,5 5,3", "7,3"), null));

        var experts = Node("MoE", "4,8 4,6 6,8,16 6,16,8", "4,8");
        var graph = new GraphNode("n", "MoE", [true, true, true, false, true], [true]) { Ints = new Dictionary<string, long> { ["k"] = 2 } };
        Assert.AreEqual(4.0 * 2 * ((8 * 16) + (16 * 8)), MacFormulas.Of(experts, graph));

        var regression = Node("LinearRegressor", "5,10", "5,3");
        Assert.AreEqual(150, MacFormulas.Of(regression, Graph("LinearRegressor", "5,10") with { FloatCounts = new Dictionary<string, long> { ["coefficients"] = 30 } }));
        Assert.IsNull(MacFormulas.Of(regression, null));
    }

    [TestMethod]
    // n·log2 n of a real signal, twice that of a complex one, for each transform
    [DataRow("DFT", "3,16,1", "3,16,2", "", 3.0 * 16 * 4, DisplayName = "DFT of real numbers")]
    [DataRow("DFT", "3,16,2", "3,16,2", "inverse=1", 3.0 * 2 * 16 * 4, DisplayName = "DFT of complex numbers")]
    [DataRow("DFT", "3,16,1", "3,9,2", "onesided=1", 3.0 * 16 * 4, DisplayName = "DFT, of which half is kept")]
    [DataRow("DFT", "3,8,16,2", "3,8,16,2", "axis=1", 3.0 * 16 * 2 * 8 * 3, DisplayName = "DFT over another dimension")]
    [DataRow("DFT", "3,8,16,2", "3,8,16,2", "axis=-2", 3.0 * 8 * 2 * 16 * 4, DisplayName = "DFT over a dimension from the end")]
    [DataRow("DFT", "3,8,16,2", "3,8,16,2", "", null, DisplayName = "DFT over a dimension that is not known")]
    [DataRow("STFT", "2,100,1 - 32", "2,5,17,2", "", 10.0 * 32 * 5, DisplayName = "STFT")]
    [DataRow("STFT", "2,100 -", "2,5,32,2", "onesided=0", 10.0 * 32 * 5, DisplayName = "STFT without a window")]
    [DataRow("STFT", "2,100,2 - 32", "2,5,32,2", "onesided=0", 10.0 * 2 * 32 * 5, DisplayName = "STFT of complex numbers")]
    [DataRow("QMoE", "4,8 4,6 6,32,4 6,32 - 6,8,8 6,8", "4,8", "k=2", 4.0 * 2 * ((32 * 8) + (8 * 16)), DisplayName = "QMoE of four bits")]
    [DataRow("QMoE", "4,8 4,6 6,16,8 6,16 - 6,8,16 6,8", "4,8", "expert_weight_bits=8", 4.0 * ((16 * 8) + (8 * 16)), DisplayName = "QMoE of eight bits")]
    [DataRow("DecoderMaskedMultiHeadAttention", "2,1,48 2,1,48 2,1,48 - - 2,3,9,16 2,3,9,16", "2,1,48 2,3,10,16", "", 2.0 * 10 * (48 + 48), DisplayName = "One step of a decoder")]
    [DataRow("DecoderMaskedMultiHeadAttention", "2,1,48 2,1,48 2,1,48 - - 2,3,64,16 2,3,64,16", "2,1,48 2,3,64,16", "past_present_share_buffer=1", null, DisplayName = "One step of a decoder, in a buffer that is longer than the keys")]
    public void Formulas_that_need_attributes_agree_with_the_hand(string name, string inputs, string outputs, string attribute, double? expected)
    {
        var ints = attribute.Length == 0 ? [] : new Dictionary<string, long> { [attribute.Split('=')[0]] = long.Parse(attribute.Split('=')[1], CultureInfo.InvariantCulture) };
        Assert.AreEqual(expected, MacFormulas.Of(Node(name, inputs, outputs), Graph(name, inputs) with { Ints = ints }));
    }

    [TestMethod]
    public void Inputs_that_a_node_leaves_out_do_not_shift_the_others()
    {
        // query, key, value, no bias, no mask, no attention bias, past key, past value
        var ran = Node("MultiHeadAttention", "1,2,16 1,2,16 1,2,16 1,2,6,8 1,2,6,8", "1,2,16");
        var graph = new GraphNode("n", "MultiHeadAttention", [true, true, true, false, false, false, true, true], [true]);
        Assert.AreEqual(2.0 * (2 + 6) * 32, MacFormulas.Of(ran, graph));
    }

    [TestMethod]
    [DataRow("SparseAttention")]
    [DataRow("PackedAttention")]
    [DataRow("PackedMultiHeadAttention")]
    [DataRow("LongformerAttention")]
    [DataRow("PagedAttention")]
    [DataRow("STFT")]
    [DataRow("QMoE")]
    [DataRow("DecoderMaskedMultiHeadAttention")]
    [DataRow("Summon")]
    public void An_operator_without_a_formula_is_never_zero(string name) => Assert.IsNull(MacFormulas.Of(Node(name, "1,2,3", "1,2,3"), null));

    [TestMethod]
    public void Empty_tensors_take_nothing()
    {
        Assert.AreEqual(0, MacFormulas.Of(Node("Gemm", "0,5 5,3", "0,3"), null));
        Assert.AreEqual(0, MacFormulas.Of(Node("LSTM", "0,1,6 1,20,6 1,20,5", "0,1,1,5"), null));
    }

    internal static ProfiledNode Node(string name, string inputs, string outputs) => new("n", 0, name, "CPUExecutionProvider", Tensors(inputs), Tensors(outputs), 0, 0);

    private static GraphNode Graph(string name, string inputs) => new("n", name, [.. Tensors(inputs).Select(_ => true)], [true]);

    private static ProfiledTensor[] Tensors(string shapes) =>
        [.. shapes.Split(' ').Select(shape => new ProfiledTensor("float", shape == "-" ? [] : [.. shape.Split(',').Select(long.Parse)]))];
}
