using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.TestModels;
using ModelGate.Tool.Checking;

namespace ModelGate.Tests.Tool;

/// <summary>A model that another one takes the place of while it is judged.</summary>
[TestClass]
public sealed class ReplacedModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("model.onnx")]
    [DataRow("weights.data")]
    public void No_figure_is_told_where_some_would_be_of_one_model_and_some_of_another(string replaced)
    {
        folder.Write("weights.data", new byte[16]);
        Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", ModelGate.Models.DataTypes.Float32, [4], "weights.data")).Node("Add", "x w", "y")).Save(folder.File("model.onnx"));
        folder.Write("modelgate.yml", "version: 1\nmodels:\n  - path: model.onnx\n    budgets: { size.on_disk: 1 MB, latency.p50: 1 s }\n"u8.ToArray());

        var asItIs = Check(static () => { });
        var report = Check(() =>
        {
            byte[] content = File.ReadAllBytes(folder.File(replaced));
            File.Delete(folder.File(replaced));
            folder.Write(replaced, content);
        });

        Assert.AreEqual(Verdict.Pass, asItIs.Verdict);
        Assert.AreEqual(Verdict.Unmeasured, report.Verdict);
        CollectionAssert.AreEqual(new[] { "MG3010", "MG3010" }, report.Budgets.Select(budget => budget.Diagnostic!.Kind.Code).ToArray());
        Assert.Contains("while it was read", report.Budgets[0].Diagnostic!.Message);
    }

    private ModelGate.Reporting.Report Check(Action meanwhile) => CheckRun.Execute(folder.File("modelgate.yml"), new CheckOptions
    {
        FindRuntime = static () => RuntimeSearch.Found(new("bundled", null, [], [])),
        TimeModel = (request, _, _, _) =>
        {
            meanwhile();
            return new([.. request.Metrics.Select(static metric => new Measurement.Exact(metric, 0.001))], null, Waited: 0, []);
        },
    }, CancellationToken.None).Report;
}
