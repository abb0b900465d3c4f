using System.Text;
using System.Text.RegularExpressions;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;
using ModelGate.TestModels;
using ModelGate.Tests.Measuring.Latency;
using ModelGate.Tests.Models;
using ModelGate.Tool.Commands;

namespace ModelGate.Tests.Measuring.Inputs;

/// <summary>What an error says to write, written as it says it: the model runs then.</summary>
[TestClass]
public sealed partial class AdviceOnInputsTests
{
    private static readonly Stubborn[] Models =
    [
        new("a dimension with a name", Halved(("x", ["length"])), ["8"], [], "--dim", "length=8"),
        new("one without", Halved(("x", [""])), ["8"], [], "--shape", "x=8"),
        new("one between others that are fixed", Halved(("x", ["3", "", "1"])), ["8"], [], "--shape", "x=3,8,1"),
        new("one that two inputs share", Halved(("x", ["n"]), ("z", ["1", "n"])), ["8"], [], "--dim", "n=8"),
        new("names and none in one shape", Halved(("x", ["batch", ""])), ["3", "8"], [], "--shape", "x=3,8"),
        new("a name that is an expression", Halved(("x", ["length / 2"])), ["8"], [], "--dim", "length / 2=8"),
        new("one that another follows from", Halved(("z", ["2*n"]), ("x", ["n"])), ["8"], [], "--dim", "n=8"),
        new("an input whose name is no plain key", Halved(("image: \"raw\", [0]", ["n"])), ["8"], [], "--shape", "image: \"raw\", [0]=8"),
        new("an integer that decides", Shaped("4"), [], ["4, 4"], "--range", "sr=4"),
        new("both", Shaped(""), ["8"], ["16, 16"], "--shape", "x=2,8", "--range", "sr=16"),
    ];

    public static IEnumerable<object[]> Lacks => Models.Select(static model => new object[] { model.Lacks });

    [TestMethod]
    [DynamicData(nameof(Lacks))]
    public void A_policy_that_says_what_the_error_asks_for_runs_the_model(string lacks)
    {
        var model = Array.Find(Models, one => one.Lacks == lacks)!;
        using var folder = new TemporaryFolder();
        AssertRuns(folder, Save(model, folder), model.Sizes, model.Ranges);
    }

    [TestMethod]
    [DynamicData(nameof(Lacks))]
    public void So_do_the_options_it_names(string lacks)
    {
        var model = Array.Find(Models, one => one.Lacks == lacks)!;
        using var folder = new TemporaryFolder();
        string path = Save(model, folder);
        var options = new RunOptions();
        var command = new System.CommandLine.Command("bench");
        options.AddTo(command);
        var parsed = command.Parse(model.Options);
        Assert.IsEmpty(parsed.Errors);

        var told = options.RequestFor(parsed, ModelReader.Read(path));
        var measured = Workers.Measure(Request(path) with { Inputs = told.Inputs, Dimensions = told.Dimensions }, Workers.Real).Measurements[0];

        string reason = Refused(path).Reason;
        for (int at = 0; at < model.Options.Length; at += 2)
            Assert.Contains(model.Options[at], reason);
        Assert.IsInstanceOfType<Measurement.Sampled>(measured, (measured as Measurement.Failed)?.Reason);
    }

    [TestMethod]
    [DataRow("speech/moonshine-tiny-encoder.fp32.onnx", "1 16000", "")]
    [DataRow("speech/moonshine-tiny-encoder.int4-matmulnbits.onnx", "1 16000", "")]
    [DataRow("speech/moonshine-tiny-encoder.int8-dynamic.onnx", "1 16000", "")]
    [DataRow("speech/silero_vad_16k_op15.onnx", "1 512", "1, 1")]
    [DataRow("speech/silero_vad_half.onnx", "1 512", "")]
    [DataRow("speech/silero_vad.onnx", "1 512 1", "16000, 16000", DisplayName = "silero_vad.onnx: the sampling rate decides which half of it runs")]
    public void Public_models_run_as_the_error_says(string file, string sizes, string range)
    {
        using var folder = new TemporaryFolder();
        AssertRuns(folder, PublicModels.Path(file), sizes.Split(' '), range.Length > 0 ? [range] : []);
    }

    private static void AssertRuns(TemporaryFolder folder, string path, string[] sizes, string[] ranges)
    {
        var failed = Refused(path);
        Assert.AreEqual(sizes.Length > 0 ? "MG4009" : "MG4008", failed.Kind.Code, failed.Reason);

        string advice = string.Join(", ", Inputs().Matches(failed.Reason).Select(static match => match.Value).Distinct());
        Queue<string> left = new(sizes), values = new(ranges);
        string inputs = Shape().Replace(advice, match => $"shape: [{string.Join(", ", match.Groups[1].Value.Split(", ").Select(size => long.TryParse(size, out _) ? size : left.Dequeue()))}]");
        inputs = Range().Replace(inputs, _ => $"range: [{values.Dequeue()}]");
        Assert.IsTrue(left.Count == 0 && values.Count == 0, failed.Reason);
        string text = $"version: 1\nmodels:\n  - path: model.onnx\n    inputs: {{ {inputs} }}\n    budgets: {{ latency.p50: 1 s }}\n";
        var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes(text), "modelgate.yml", "1.0.0");
        Assert.IsNotNull(reading.Policy, $"{text}{string.Join('\n', reading.Diagnostics.Select(static error => error.Message))}");

        var measured = Workers.Measure(Request(path) with { Inputs = reading.Policy.Models[0].InputsIn(folder.Path) }, Workers.Real).Measurements[0];

        Assert.IsInstanceOfType<Measurement.Sampled>(measured, $"{text}{(measured as Measurement.Failed)?.Reason}");
    }

    private static Measurement.Failed Refused(string path)
    {
        var measured = Workers.Measure(Request(path), Workers.Real).Measurements[0];
        Assert.IsInstanceOfType<Measurement.Failed>(measured);
        return (Measurement.Failed)measured;
    }

    private static LatencyRequest Request(string path) => Workers.Request(path, Workers.Metrics("startup.first_inference")) with { Structure = ModelReader.Read(path) };

    private static string Save(Stubborn model, TemporaryFolder folder) => Onnx.Model(model.Graph).Save(folder.File("model.onnx"));

    // Each input is parted into two halves, which an odd number of elements cannot be.
    private static OnnxGraph Halved(params (string Name, string[] Shape)[] inputs)
    {
        var graph = new OnnxGraph().Initializer(Onnx.Ints("halves", [2], 2, -1));
        for (int at = 0; at < inputs.Length; at++)
        {
            graph.Input(inputs[at].Name, DataTypes.Float32, inputs[at].Shape).Output($"y{at}", DataTypes.Float32, "2", $"half{at}");
            graph.Message.Nested(1, Onnx.Node("Reshape", [inputs[at].Name, "halves"], [$"y{at}"]));
        }

        return graph;
    }

    // What the integer says is the shape that the other input gets.
    private static OnnxGraph Shaped(string size) => new OnnxGraph().Input("x", DataTypes.Float32, (string[])(size.Length > 0 ? [size] : ["2", size])).Input("sr", DataTypes.Int64, "1")
        .Node("Reshape", "x sr", "y").Output("y", DataTypes.Float32, "n");

    /// <summary>A model that does not run on what is made up for it.</summary>
    /// <param name="Lacks">What is missing.</param>
    /// <param name="Graph">The model.</param>
    /// <param name="Sizes">What to put in place of each name and question mark of the advice, in order.</param>
    /// <param name="Ranges">What to put in place of each range.</param>
    /// <param name="Options">The same, as options of `bench`.</param>
    private sealed record Stubborn(string Lacks, OnnxGraph Graph, string[] Sizes, string[] Ranges, params string[] Options);

    [GeneratedRegex("""(?:"(?:\\.|[^"\\])*"|[A-Za-z0-9][^ ,]*): \{ (?:shape|range): \[[^\]]*\] \}""")]
    private static partial Regex Inputs();

    [GeneratedRegex(@"shape: \[([^\]]*)\]")]
    private static partial Regex Shape();

    [GeneratedRegex(@"range: \[[^\]]*\]")]
    private static partial Regex Range();
}
