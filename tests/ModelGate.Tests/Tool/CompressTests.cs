using System.Text.Json;
using ModelGate.Compressing;
using ModelGate.Reporting;
using ModelGate.TestModels;

namespace ModelGate.Tests.Tool;

/// <summary>`modelgate compress` as a user sees it.</summary>
[TestClass]
public sealed class CompressTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public CompressTests() => model = SmallModels.Dense(256, 64).Save(folder.File("dense.onnx"));

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void The_report_says_what_was_saved_what_was_lost_and_what_stayed()
    {
        var run = Compress("int8");

        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Matches(run.Output, new(@"dense\.out\.onnx: 1\d\.\d kB, was 6\d\.\d kB: 3\.\d\d× smaller with int8 \(weights in int8, one scale per channel; activations in float32\)"));
        StringAssert.Matches(run.Output, new(@"\n  w +65\.5 kB +\d\d\.\d dB "));
        StringAssert.Matches(run.Output, new(@"\n  left in floating point +before  because\n  b +256 B  it is a bias\n"));
    }

    [TestMethod]
    public void Of_pruning_the_report_says_that_the_file_stays_as_large_and_what_other_shares_would_cost()
    {
        var run = Compress("pruned-75");

        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Matches(run.Output, new(@"dense\.out\.onnx: .* with gzip, was .*: \d\.\d\d× smaller on the wire with pruned-75 \(the 75 % of weights of smallest magnitude set to zero"));
        Assert.Contains("The file itself takes 65.9 kB: zeros are stored like other weights.", run.Output);
        StringAssert.Matches(run.Output, new(@"\n +75 % +\d+\.\d dB +0\.\d+  \S+ <- written"));
        Assert.AreEqual(19, run.Output.Split('\n').Count(line => line.Contains(" % ", StringComparison.Ordinal) && line.Contains(" dB ", StringComparison.Ordinal) && !line.Contains("kB", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_report_writes_figures_as_every_report_does_and_no_more_than_the_terminal_shows()
    {
        var unchanged = new ConvertedWeight("w", 2_000_000_000, new WeightFidelity());
        var compression = new Compression("m.onnx", Schemes.Find("fp16")!, "out.onnx", 2_000_000_000, 1_000_000_000, [unchanged], [new("a", 8, "it is a bias"), new("b", 9153, "it is a bias")]);

        string plain = CompressionText.Render(compression, TextStyle.Plain);

        Assert.Contains("out.onnx: 1 GB, was 2 GB: 2.00x smaller with fp16", plain);
        Assert.Contains(" exact ", plain);
        Assert.Contains("  b, ...                  9.16 kB  2 times: it is a bias\n", plain);
        Assert.IsTrue(plain.All(char.IsAscii), plain);
        Assert.Contains("2.00× smaller", CompressionText.Render(compression, new(Color: false, Unicode: true)));
    }

    [TestMethod]
    public void Of_weights_with_short_names_the_table_fits_80_columns()
    {
        var compression = ModelCompressor.Compress(SmallModels.Dense(128, 128).Save(folder.File("model.onnx")), Schemes.Find("int8")!, folder.File("out.onnx"));

        string[] table = CompressionText.Render(compression, TextStyle.Plain).Split('\n')[2..];

        Assert.Contains("zeros bits/byte", table[0]);
        Assert.IsLessThanOrEqualTo(80, table.Max(static line => line.Length));
    }

    [TestMethod]
    public void What_is_left_stands_in_the_columns_of_what_was_converted_however_long_its_reason_is()
    {
        var compression = new Compression("m.onnx", Schemes.Find("int8")!, "out.onnx", 2_000_000, 1_000_000, [new("encoder.layers.0.attention.weight", 1_000_000, new WeightFidelity())],
            [new("encoder.norm", 840, "only weights that a matrix is multiplied with, or filters, are quantized"), new("a", 7, "it is a bias"), new("b", 9153, "it is a bias")]);

        string[] lines = CompressionText.Render(compression, TextStyle.Plain).Split('\n');

        CollectionAssert.AreEqual((string[])
        [
            "  encoder.layers.0.attention.weight     1 MB    exact 1.000000   0.00e+0   0.0 %      0.00",
            "  all 1                                 1 MB    exact 1.000000   0.00e+0   0.0 %      0.00",
            "",
            "  left in floating point              before  because",
            "  b, ...                             9.16 kB  2 times: it is a bias",
            "  encoder.norm                         840 B  only weights that a matrix is multiplied with, or filters, are quantized",
            "  all 3                                10 kB",
            "",
        ], lines[3..]);
    }

    [TestMethod]
    [DataRow("int8")]
    [DataRow("pruned-75")]
    public void In_a_terminal_of_80_columns_no_line_is_longer_however_long_names_and_reasons_are(string scheme)
    {
        string path = SmallModels.Dense(128, 128).Save(folder.File("model.onnx"));
        var compression = ModelCompressor.Compress(path, Schemes.Find(scheme)!, folder.File("out.onnx"));
        compression = compression with
        {
            Output = "models/" + new string('a', 30) + ".onnx",
            Converted = [new("model.decoder.layers.10.self_attention.query_projection.weight", 1_000_000, new WeightFidelity())],
            Left = [new("model.decoder.layers.10.post_attention_layernorm.weight", 840, "only weights that a matrix is multiplied with, or filters, are quantized"), new("model.decoder.layers.11.post_attention_layernorm.weight", 840, "only weights that a matrix is multiplied with, or filters, are quantized")],
        };

        string[] lines = CompressionText.Render(compression, TextStyle.Plain with { Width = 80 }).Split('\n');

        Assert.IsLessThanOrEqualTo(80, lines.Max(static line => line.Length), string.Join('\n', lines));
        Assert.Contains("quantized", string.Join(' ', lines));
    }

    [TestMethod]
    public void Json_holds_the_same()
    {
        using var document = JsonDocument.Parse(Compress("pruned-50", "--format", "json").Output);

        var pruning = document.RootElement.GetProperty("pruning");
        Assert.IsLessThan(pruning.GetProperty("gzip_before").GetInt64(), pruning.GetProperty("gzip_after").GetInt64());
        Assert.AreEqual(50, pruning.GetProperty("curve")[9].GetProperty("percent").GetInt32());
        Assert.AreEqual(document.RootElement.GetProperty("size_before").GetInt64(), document.RootElement.GetProperty("size_after").GetInt64());
    }

    [TestMethod]
    [DataRow("int3")]
    [DataRow("pruned-100")]
    [DataRow("INT8")]
    public void A_scheme_that_is_none_is_told_with_those_that_are(string scheme)
    {
        var run = Compress(scheme);

        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains($"'{scheme}' is no scheme; there are fp16, bf16, int8, int8-dynamic, int4, int4-b64, int4-b128, pruned-90, pruned-2-4, and pruned-P for every P from 1 to 99.", run.Error);
    }

    private CommandRun Compress(string scheme, params string[] more) => CommandRun.Of(["compress", model, "--to", scheme, "-o", folder.File("dense.out.onnx"), .. more]);
}
