using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Models.Containers;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

/// <summary><c>modelgate inspect</c>, from the command line to what it prints.</summary>
[TestClass]
public sealed class InspectTests : IDisposable
{
    private const string Vicious = "a|b\r\n::error::x\n##[add-mask]e##vso[task.complete]\u001B[31m`[red]`{0}\u202E<script>@team";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Text_shows_where_the_weight_is()
    {
        var run = Inspect(Everything().Save(folder.File("everything.onnx")));

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Assert.IsEmpty(run.Error);
        Golden.AssertMatches("Tool", "inspect.txt", run.Output.ReplaceLineEndings("\n").Replace(folder.File("everything.onnx"), "everything.onnx", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Text_fits_the_terminal_whatever_the_names()
    {
        var path = Onnx.Model(new OnnxGraph().Initializer(Onnx.Weights(new string('n', 5000), 64, 64)).Node("MatMul", $"x {new string('n', 5000)}", "y")).Save(folder.File("m.onnx"));

        var tables = Inspect(path).Output.Split('\n').Skip(2);

        Assert.IsLessThanOrEqualTo(CommandRun.Width, tables.Max(line => line.TrimEnd().Length));
    }

    [TestMethod]
    [DataRow(80)]
    [DataRow(120)]
    public void Nothing_wraps_on_a_terminal(int columns)
    {
        string path = Everything().Save(folder.File("everything.onnx"));
        foreach (string[] command in (string[][])[["inspect", "--layers", path], ["compare", "--no-run", path, path], ["metrics"]])
        {
            using var output = new StringWriter();
            CommandLine.Run(command, new Terminal(output, TextWriter.Null, OutColor: false, ShowsProgress: false, Unicode: true, columns) { ReportWidth = columns });

            Assert.IsLessThanOrEqualTo(columns, output.ToString().Split('\n').Where(line => !line.Contains(path, StringComparison.Ordinal)).Max(line => line.Length), output.ToString());
        }
    }

    [TestMethod]
    public void What_is_not_done_inside_a_package_is_said()
    {
        using (var package = System.IO.Compression.ZipFile.Open(folder.File("models.nupkg"), System.IO.Compression.ZipArchiveMode.Create))
        using (var entry = package.CreateEntry("model.onnx").Open())
            entry.Write(SmallModels.Dense().ToArray());

        Assert.Contains("--on-wire and --content is not done inside packages and assemblies", Inspect(folder.File("models.nupkg"), "--content", "--on-wire").Output);
        Assert.Contains("--content is not done inside packages and assemblies", Inspect(folder.File("models.nupkg"), "--content", "--format", "json").Output);
        Assert.DoesNotContain("not done", Inspect(folder.File("models.nupkg")).Output);
    }

    [TestMethod]
    public void A_folder_stands_for_the_models_in_it_and_one_without_any_is_an_error()
    {
        Directory.CreateDirectory(folder.File("publish/models"));
        Directory.CreateDirectory(folder.File("empty"));
        folder.Write("publish/models/dense.onnx", SmallModels.Dense().ToArray());
        folder.Write("publish/weights.bin", new SafetensorsFile().Tensor("w", "F32", 16, 4).ToArray());
        folder.Write("publish/App.dll", Assemblies.With(("App.dense.onnx", SmallModels.Dense().ToArray())));
        folder.Write("publish/Other.dll", Assemblies.With(("App.txt", [1, 2, 3])));
        folder.Write("publish/App.deps.json", "{}"u8.ToArray());
        folder.Write("publish/empty.txt", []);

        var run = Inspect(folder.File("publish"), "--format", "json");
        using var document = JsonDocument.Parse(run.Output);
        var none = Inspect(folder.File("empty"));

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Assert.AreEqual("App.dll/#App.dense.onnx, models/dense.onnx, weights.bin", string.Join(", ", document.RootElement.GetProperty("models").EnumerateArray().Select(model => Path.GetRelativePath(folder.File("publish"), model.GetProperty("path").GetString()!).Replace('\\', '/'))));
        Assert.AreEqual((int)ExitCode.NotJudged, none.ExitCode);
        Assert.Contains("There is no model in this folder", none.Error);
    }

    [TestMethod]
    public void Json_has_the_fields_of_its_contract()
    {
        var run = Inspect(Everything().Save(folder.File("everything.onnx")), "--format", "json");

        using var document = JsonDocument.Parse(run.Output);
        var root = document.RootElement;
        Assert.AreEqual("schema,tool,models,diagnostics", Fields(root));
        Assert.AreEqual("modelgate-inspect-1", root.GetProperty("schema").GetString());
        Assert.AreEqual(ToolFiles.Version, root.GetProperty("tool").GetString());
        Assert.AreEqual(0, root.GetProperty("diagnostics").GetArrayLength());
        var model = root.GetProperty("models").EnumerateArray().Single();
        Assert.AreEqual("path,format,metrics,tensors,external_files,notes", Fields(model));
        Assert.AreEqual((folder.File("everything.onnx"), "onnx"), (model.GetProperty("path").GetString(), model.GetProperty("format").GetString()));
        foreach (var metric in model.GetProperty("metrics").EnumerateObject())
        {
            Assert.IsNotNull(MetricCatalogue.Find(metric.Name), metric.Name);
            Assert.AreEqual(JsonValueKind.Number, metric.Value.ValueKind);
        }
        foreach (var tensor in model.GetProperty("tensors").EnumerateArray())
            Assert.AreEqual("name,dtype,dims,elements,logical_elements,bytes,place,graph,role,kind,layer,operator", Fields(tensor));
        foreach (var note in model.GetProperty("notes").EnumerateArray())
            Assert.AreEqual(("code,message", Diagnostics.ModelNote.Code), (Fields(note), note.GetProperty("code").GetString()));
    }

    [TestMethod]
    [DataRow("table", "float32", "50,8", 400L, 1600L, "initializer", "", "embedding", "Gather_0", "Gather")]
    [DataRow("w", "float32", "8,8", 64L, 256L, "initializer", "", "weight", "MatMul_1", "MatMul")]
    [DataRow("b", "float32", "8", 8L, 32L, "initializer", "", "bias", "Add_2", "Add")]
    [DataRow("gamma", "float32", "8", 8L, 32L, "initializer", "", "normalization", "BatchNormalization_3", "BatchNormalization")]
    [DataRow("mean", "float32", "8", 8L, 32L, "initializer", "", "statistic", "BatchNormalization_3", "BatchNormalization")]
    [DataRow("codes", "int8", "8,8", 64L, 64L, "initializer", "", "weight", "MatMul_5", "MatMul")]
    [DataRow("scale", "float32", "", 1L, 4L, "initializer", "", "scale", "DequantizeLinear_4", "DequantizeLinear")]
    [DataRow("zero", "int8", "", 1L, 1L, "initializer", "", "zero_point", "DequantizeLinear_4", "DequantizeLinear")]
    [DataRow("shape", "int64", "2", 2L, 16L, "constant", "", "index", "Reshape_7", "Reshape")]
    [DataRow("least", "float32", "", 1L, 4L, "constant", "", "constant", "Clip_9", "Clip")]
    [DataRow("sparse", "float32", "8,8", 2L, 8L, "sparse", "", "weight", "MatMul_10", "MatMul")]
    [DataRow("LinearRegressor_11.coefficients", "float32", "3", 3L, 12L, "attribute", "", "weight", "LinearRegressor_11", "LinearRegressor")]
    [DataRow("deep", "float32", "3,3", 9L, 36L, "initializer", "If_12.then_branch", "weight", "MatMul_0", "MatMul")]
    [DataRow("inside", "float32", "6,6", 36L, 144L, "function", "local::Block", "weight", "o", "MatMul")]
    [DataRow("momentum", "float32", "1000", 1000L, 4000L, "training", "training", "weight", "", "")]
    public void Json_says_of_a_tensor_where_it_stands_and_what_it_is_for(
        string name, string dtype, string dims, long elements, long bytes, string place, string graph, string role, string layer, string @operator)
    {
        using var document = JsonDocument.Parse(Inspect(Everything().Save(folder.File("everything.onnx")), "--format", "json").Output);

        var tensor = document.RootElement.GetProperty("models")[0].GetProperty("tensors").EnumerateArray().Single(tensor => tensor.GetProperty("name").GetString() == name);

        Assert.AreEqual(dtype, Text("dtype"));
        Assert.AreEqual(dims, string.Join(',', tensor.GetProperty("dims").EnumerateArray().Select(dim => dim.GetInt64())));
        Assert.AreEqual((elements, bytes), (tensor.GetProperty("elements").GetInt64(), tensor.GetProperty("bytes").GetInt64()));
        Assert.AreEqual((place, graph, role), (Text("place"), Text("graph"), Text("role")));
        Assert.AreEqual((layer, @operator), (Text("layer"), Text("operator")));

        string? Text(string field) => tensor.GetProperty(field).GetString();
    }

    [TestMethod]
    public void The_tensors_in_Json_add_up_to_the_metrics()
    {
        using var document = JsonDocument.Parse(Inspect(Everything().Save(folder.File("everything.onnx")), "--format", "json").Output);
        var model = document.RootElement.GetProperty("models")[0];
        var deployed = model.GetProperty("tensors").EnumerateArray().Where(tensor => tensor.GetProperty("place").GetString() != "training").ToArray();
        var learned = deployed.Where(tensor => tensor.GetProperty("role").GetString() is "weight" or "bias" or "normalization" or "embedding").ToArray();
        var quantization = deployed.Where(tensor => tensor.GetProperty("role").GetString() is "scale" or "zero_point");
        var parameters = learned.Sum(tensor => tensor.GetProperty("logical_elements").GetInt64());

        Assert.AreEqual(parameters, Metric("parameters"));
        Assert.AreEqual(4 * parameters, Metric("size.float32"));
        Assert.AreEqual(learned.Sum(Bytes), Metric("size.weights"));
        foreach (var type in learned.GroupBy(tensor => tensor.GetProperty("dtype").GetString())) Assert.AreEqual(type.Sum(Bytes), Metric("size.weights." + type.Key));
        Assert.AreEqual(8.0 * learned.Concat(quantization).Sum(Bytes) / parameters, Metric("bits_per_weight"), 1e-9);
        Assert.AreEqual(new FileInfo(folder.File("everything.onnx")).Length, Metric("size.on_disk"));

        double Metric(string name) => model.GetProperty("metrics").GetProperty(name).GetDouble();
        static long Bytes(JsonElement tensor) => tensor.GetProperty("bytes").GetInt64();
    }

    [TestMethod]
    public void Sizes_on_the_wire_are_told_where_they_are_asked_for()
    {
        var path = SmallModels.Convolutional().Save(folder.File("m.onnx"));

        Assert.DoesNotContain("size.on_wire", Inspect(path, "--format", "json").Output);
        Assert.Contains("\"size.on_wire.brotli\":", Inspect(path, "--format", "json", "--on-wire").Output);
        Assert.Contains(" with gzip", Inspect(path, "--on-wire").Output);
    }

    [TestMethod]
    public void Layers_are_listed_where_they_are_asked_for()
    {
        var path = SmallModels.Convolutional().Save(folder.File("m.onnx"));

        Assert.DoesNotContain("Layers", Inspect(path).Output);
        var run = Inspect(path, "--layers");
        Assert.Contains("Conv_3", run.Output);
        Assert.Contains("convolution", run.Output);
    }

    [TestMethod]
    public void Why_a_model_grew_is_told_against_another()
    {
        string before = SmallModels.Perceptron(8, 16).Save(folder.File("a.onnx")), after = SmallModels.Perceptron(8, 64).Save(folder.File("b.onnx"));

        var text = Inspect(after, "--against", before);
        using var document = JsonDocument.Parse(Inspect(after, "--against", before, "--format", "json").Output);

        Assert.AreEqual((int)ExitCode.Pass, text.ExitCode, text.Error);
        Assert.Contains("widened", text.Output);
        Assert.Contains("+768", text.Output);
        Assert.AreEqual(384, document.RootElement.GetProperty("models")[0].GetProperty("against").GetProperty("changes")[0].GetProperty("parameters").GetInt32());
        Assert.AreEqual((int)ExitCode.NotJudged, Inspect(after, "--against", folder.File("missing.onnx")).ExitCode);
    }

    [TestMethod]
    public void Values_of_weights_are_told_where_they_are_asked_for()
    {
        var path = Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats("w", [4], 0, 0, 1, 1e-41f)).Node("PRelu", "x w", "y")).Save(folder.File("m.onnx"));

        var run = Inspect(path, "--content");

        Assert.Contains("50.00 %", run.Output);
        Assert.Contains("warning: 1 weights are denormal", run.Output);
        Assert.Contains("\"zeros\": 2", Inspect(path, "--content", "--format", "json").Output);
    }

    [TestMethod]
    [DataRow("m.safetensors", "safetensors")]
    [DataRow("m.gguf", "gguf")]
    [DataRow("m.tflite", "tflite")]
    [DataRow("m.ort", "ort")]
    public void Other_formats_are_weighed_like_onnx(string file, string format)
    {
        byte[] bytes = format switch
        {
            "safetensors" => new SafetensorsFile().Tensor("w", "F32", 88, 22).ToArray(),
            "gguf" => new GgufFile().Tensor("w.weight", 0, 88, [22]).ToArray(),
            "tflite" => Lite.File(Lite.Small()),
            _ => Ort.File(Ort.Small()),
        };

        using var document = JsonDocument.Parse(Inspect(folder.Write(file, bytes), "--format", "json", "--content").Output);

        var model = document.RootElement.GetProperty("models")[0];
        Assert.AreEqual((format, format == "ort" ? 13 : 22), (model.GetProperty("format").GetString(), model.GetProperty("metrics").GetProperty("parameters").GetInt32()));
        Assert.IsGreaterThan(0, model.GetProperty("content").GetProperty("values").GetInt32());
    }

    [TestMethod]
    public void Markdown_shows_the_same_tables()
    {
        var run = Inspect(Everything().Save(folder.File("everything.onnx")), "--format", "markdown");

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        foreach (var title in (string[])["By role", "By kind of layer", "By operator", "By element type", "Heaviest tensors"]) Assert.Contains($"### {title}\n\n|", run.Output);
        Assert.Contains("| zero point | 1 | 1 | 1 B |", run.Output);
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("json")]
    [DataRow("markdown")]
    public void A_model_that_cannot_be_read_keeps_no_other_from_being_shown(string format)
    {
        var good = SmallModels.Dense().Save(folder.File("good.onnx"));
        var empty = folder.Write("empty.onnx", []);
        var page = folder.Write("page.onnx", "<!DOCTYPE html><html>"u8.ToArray());

        var run = Inspect(empty, good, page, folder.File("missing.onnx"), "--format", format);

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode);
        Assert.Contains("Gemm", run.Output);
        var lines = run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(3, lines);
        Assert.StartsWith($"{empty}: error {Diagnostics.ModelEmpty.Code}: ", lines[0]);
        Assert.StartsWith($"{page}: error {Diagnostics.NotAModel.Code}: ", lines[1]);
        Assert.StartsWith($"{folder.File("missing.onnx")}: error {Diagnostics.ModelUnreadable.Code}: ", lines[2]);
        if (format != "json") return;
        using var document = JsonDocument.Parse(run.Output);
        Assert.AreEqual(1, document.RootElement.GetProperty("models").GetArrayLength());
        Assert.AreEqual("path,code,message", Fields(document.RootElement.GetProperty("diagnostics")[2]));
    }

    [TestMethod]
    public void Several_models_are_shown_in_the_order_they_were_named()
    {
        string[] paths = [SmallModels.Dense().Save(folder.File("z.onnx")), SmallModels.Convolutional().Save(folder.File("a.onnx"))];

        var run = Inspect([.. paths, "--format", "json"]);

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        using var document = JsonDocument.Parse(run.Output);
        CollectionAssert.AreEqual(paths, document.RootElement.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("path").GetString()).ToArray());
    }

    [TestMethod]
    public void A_format_that_is_only_weighed_as_a_file_says_so()
    {
        var run = Inspect(folder.Write("model.pt", [0x80, 2, (byte)'}', (byte)'.']));

        Assert.AreEqual((int)ExitCode.Pass, run.ExitCode, run.Error);
        Assert.Contains("4 B on disk", run.Output);
        Assert.Contains("note: the file is a Python pickle", run.Output);
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("json")]
    [DataRow("markdown")]
    public void What_a_model_is_named_inside_stays_text(string format)
    {
        string tame = Inspect(Named("w").Save(folder.File("tame.onnx")), "--format", format).Output, vicious = Inspect(Named(Vicious).Save(folder.File("vicious.onnx")), "--format", format).Output;

        Assert.AreEqual(tame.Count(c => c == '\n'), vicious.Count(c => c == '\n'), "no line is added");
        AssertInert(vicious);
    }

    [TestMethod]
    public void What_a_file_is_named_stays_text()
    {
        var run = Inspect(folder.File(Vicious.Replace('/', '_')));

        Assert.AreEqual((int)ExitCode.NotJudged, run.ExitCode);
        Assert.HasCount(1, run.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        AssertInert(run.Error);
    }

    [TestMethod]
    public void Without_a_model_it_is_a_usage_error() => Assert.AreEqual((int)ExitCode.PolicyOrUsage, Inspect().ExitCode);

    private static void AssertInert(string output)
    {
        Assert.IsFalse(output.Any(c => char.IsControl(c) && c is not ('\r' or '\n') || c is '\u202E'), "control characters are shown as text");
        foreach (var line in output.Split('\n').Select(line => line.TrimStart()))
        {
            Assert.IsFalse(line.StartsWith("::", StringComparison.Ordinal), line);
            Assert.DoesNotContain("##vso[", line);
            Assert.DoesNotContain("##[", line);
        }
    }

    private static string Fields(JsonElement value) => string.Join(',', value.EnumerateObject().Select(property => property.Name));

    private static CommandRun Inspect(params string[] args) => CommandRun.Of(["inspect", .. args]);

    private static Message Named(string name) => Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats(name, [2], 1, 2)));

    // Every place, and every role.
    private static Message Everything() => Onnx.Model(
        new OnnxGraph()
            .Input("ids", DataTypes.Int64, "batch")
            .Initializer(Onnx.Weights("table", 50, 8), Onnx.Weights("w", 8, 8), Onnx.Weights("b", 8))
            .Initializer(Onnx.Weights("gamma", 8), Onnx.Weights("beta", 8), Onnx.Weights("mean", 8), Onnx.Weights("variance", 8))
            .Initializer(Onnx.Zeros("codes", DataTypes.Int8, 8, 8), Onnx.Floats("scale", [], 0.1f), Onnx.Header("zero", DataTypes.Int8).Bytes(9, [0]))
            .SparseInitializer(Onnx.Sparse("sparse", [8, 8], [3, 7], 1, 2))
            .Node("Gather", "table ids", "embedded")
            .Node("MatMul", "embedded w", "product")
            .Node("Add", "product b", "sum")
            .Node("BatchNormalization", "sum gamma beta mean variance", "normal")
            .Node("DequantizeLinear", "codes scale zero", "dequantized")
            .Node("MatMul", "normal dequantized", "dense")
            .Node("Constant", "", "shape", Onnx.Attribute("value_ints", [-1L, 8]))
            .Node("Reshape", "dense shape", "flat")
            .Node("Constant", "", "least", Onnx.Attribute("value_float", 0.5f))
            .Node("Clip", "flat least", "clipped")
            .Node("MatMul", "clipped sparse", "thin")
            .Node("LinearRegressor", "ai.onnx.ml", "thin", "line", Onnx.Attribute("coefficients", [1f, 2, 3]))
            .Node("If", "line", "y", Onnx.Attribute("then_branch", new OnnxGraph("then").Initializer(Onnx.Weights("deep", 3, 3)).Node("MatMul", "thin deep", "z").Output("z", DataTypes.Float32)))
            .Node("Block", "local", "thin", "blocked")
            .Output("y", DataTypes.Float32, "n"),
        others: [("ai.onnx.ml", 3), ("local", 1)])
        .Nested(25, Onnx.Function("local", "Block", ["v"], ["o"],
            Onnx.Node("Constant", [], ["inside"], attributes: Onnx.TensorAttribute("value", Onnx.Weights("", 6, 6))), Onnx.Node("MatMul", ["v", "inside"], ["o"])))
        .Nested(20, new Message().Nested(1, new OnnxGraph("init").Initializer(Onnx.Weights("momentum", 1000)).Message));
}
