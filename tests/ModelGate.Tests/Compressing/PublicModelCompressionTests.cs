using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Tests.Models;

namespace ModelGate.Tests.Compressing;

/// <summary>Public models, each with every scheme: which apply, that what is written weighs what was foretold, loads, runs, and agrees with the float model. Those that take long run in tests/ModelGate.Benchmarks, `schemes`.</summary>
[TestClass]
public sealed class PublicModelCompressionTests : IDisposable
{
    private const string Every = "fp16 bf16 int8 int8-dynamic int4 int4-b64 int4-b128 pruned-90 pruned-2-4";
    private const string BeforeBfloat16 = "fp16 int8 int8-dynamic int4 int4-b64 int4-b128 pruned-90 pruned-2-4";
    private const string WithoutMatrices = "fp16 int8 int8-dynamic pruned-90 pruned-2-4";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("magika/magika.onnx", Every)]
    [DataRow("external-data/magika/model.onnx", Every)]
    [DataRow("external-data/mnist/mnist.onnx", Every)]
    [DataRow("speech/silero_vad.onnx", "fp16 bf16 int8 int8-dynamic pruned-90 pruned-2-4")]
    [DataRow("speech/silero_vad_16k_op15.onnx", "fp16 bf16 int8 int8-dynamic pruned-90 pruned-2-4")]
    [DataRow("text/TFBertForQuestionAnswering.onnx", "fp16 int8 int4 pruned-90 pruned-2-4")]
    [DataRow("text/bidirectional-lstm.onnx", BeforeBfloat16)]
    [DataRow("text/test_model_1_no_opt.onnx", BeforeBfloat16)]
    [DataRow("text/tiny-random-gpt2.fp32.onnx", BeforeBfloat16)]
    [DataRow("vision/Ultraface.version-RFB-320.onnx", WithoutMatrices)]
    [DataRow("vision/ch_PP-OCRv4_det_infer.onnx", WithoutMatrices)]
    [DataRow("vision/ch_ppocr_mobile_v2.0_cls_infer.onnx", BeforeBfloat16)]
    [DataRow("vision/mnist-burn.onnx", Every)]
    [DataRow("vision/mnist-inline.onnx", Every)]
    public void Every_scheme_that_applies_writes_a_model_that_runs_and_agrees(string file, string schemes)
    {
        using var trial = new PublicModelTrial(PublicModels.Path(file));
        List<string> applied = [];
        foreach (var scheme in (IEnumerable<Scheme>)[.. Schemes.All, .. Schemes.Pruning])
        {
            try
            {
                var (compression, agreement) = trial.Compress(scheme, folder.File("out.onnx"));
                applied.Add(scheme.Name);
                if (!scheme.IsPruning) Assert.IsLessThan(compression.SizeBefore, compression.SizeAfter);
                Assert.IsTrue(PublicModelTrial.Agrees(scheme, agreement), $"{scheme.Name}: {agreement}");
            }
            catch (ModelException refused)
            {
                Assert.AreEqual(Diagnostics.NotCompressible, refused.Kind, refused.Message);
            }
        }
        Assert.AreEqual(schemes, string.Join(' ', applied));
    }

    // Other tools made the twins. Ours hold a scale per channel where those of int8-dynamic hold one per tensor, and longer names of nodes.
    [TestMethod]
    [DataRow("speech/moonshine-tiny-encoder.fp32.onnx", "int8-dynamic", "speech/moonshine-tiny-encoder.int8-dynamic.onnx")]
    [DataRow("speech/moonshine-tiny-encoder.fp32.onnx", "int4", "speech/moonshine-tiny-encoder.int4-matmulnbits.onnx")]
    [DataRow("magika/magika.onnx", "int4", "magika/magika.int4-matmulnbits.onnx")]
    [DataRow("text/tiny-random-gpt2.fp32.onnx", "fp16", "text/tiny-random-gpt2.fp16.onnx")]
    public void Ours_is_at_most_2_percent_larger_than_the_twin_that_another_tool_made(string file, string scheme, string twin)
    {
        var ours = ModelCompressor.Predict(PublicModels.Path(file), Schemes.Find(scheme)!, folder.File("out.onnx")).SizeAfter;

        Assert.IsLessThanOrEqualTo(1.02 * new FileInfo(PublicModels.Path(twin)).Length, ours);
    }

    [TestMethod]
    public void Quantized_twins_are_refused_for_what_they_are()
    {
        foreach (var twin in (string[])["speech/moonshine-tiny-encoder.int8-dynamic.onnx", "magika/magika.int4-matmulnbits.onnx", "vision/mobilenet-v2.int8-qdq.onnx", "structure/conv.int4_weights.qdq.onnx"])
            Assert.AreEqual(Diagnostics.AlreadyQuantized, Assert.ThrowsExactly<ModelException>(() => ModelCompressor.Predict(PublicModels.Path(twin), Schemes.Find("int8")!, "out.onnx")).Kind);
    }
}
