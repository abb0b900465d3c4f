using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.OrtFormat;

[TestClass]
public class OrtTests
{
    private const string Path = "model.ort";

    [TestMethod]
    public void A_model_reads_as_the_onnx_model_it_was_made_from()
    {
        var model = Read(Ort.Small());

        Assert.AreEqual((ModelFormat.OrtFormat, true, 13L), (model.Format, model.IsWeighable, model.Parameters()));
        Assert.AreEqual((Role.Weight, "Gemm", "Gemm_0", 32L), (model.Tensor("w").Role, model.Tensor("w").Operator, model.Tensor("w").Layer, model.Tensor("w").Bytes));
        Assert.AreEqual("If_0.then_branch", model.Tensor("inner").Graph);
        Assert.AreEqual(("x", DataTypes.Float32, "batch,4,?"), (model.Inputs.Single().Name, model.Inputs.Single().Type, string.Join(',', model.Inputs.Single().Dims!)));
    }

    [TestMethod]
    public void Lists_of_classical_operators_are_counted()
    {
        var node = Ort.Node("TreeEnsembleRegressor", "x", "y", Ort.Floats("nodes_values", 1, 2, 3), Ort.Texts("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF"), Ort.Floats("target_weights", 4, 5)).Text(2, "ai.onnx.ml");

        Assert.AreEqual(1 + 2, Read(Ort.Session(Ort.Graph([], [node], ["x"], "y"))).Parameters());
    }

    [TestMethod]
    public void Width_is_that_of_a_weight_as_it_is_laid_out_and_turned()
    {
        var shape = Ort.Header("shape", DataTypes.Int64, 2).Bytes(4, [.. BitConverter.GetBytes(6L), .. BitConverter.GetBytes(2L)]);
        var order = new FlatObject().Text(0, "perm").Int32(2, 7).Int64s(9, 1, 0);

        Assert.AreEqual(6, Read(Ort.Session(Ort.Graph([Ort.Tensor("w", DataTypes.Float32, 12), shape], [Ort.Node("Reshape", "w shape", "m"), Ort.Node("Transpose", "m", "t", order), Ort.Node("MatMul", "x t", "y")], ["x"], "y"))).Layers!.Width);
    }

    [TestMethod]
    public void External_data_is_sought_beside_the_model()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("m.ort");
        File.WriteAllBytes(path, Ort.File(Ort.Session(Ort.Graph([Ort.Header("w", DataTypes.Float32, 4).Int64(6, 8)], [], [], "w"))));
        Assert.AreEqual(Diagnostics.ExternalDataMissing, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);

        File.WriteAllBytes(folder.File("m.ort.data"), new byte[24]);
        Assert.AreEqual((4L, 24L), (ModelReader.Read(path).Parameters(), ModelReader.Read(path).ExternalFiles.Single().Length));

        File.WriteAllBytes(folder.File("m.ort.data"), new byte[23]);
        Assert.AreEqual(Diagnostics.ExternalDataRange, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);
    }

    [TestMethod]
    public void Sparse_initializers_count_what_they_store()
    {
        var sparse = new FlatObject().Table(0, Ort.Tensor("s", DataTypes.Float32, 3)).Table(1, Ort.Tensor("", DataTypes.Int64, 3)).Int64s(2, 5, 5);

        Assert.AreEqual((3L, Place.Sparse), (Read(Ort.Session(Ort.Graph([], [], []).Tables(7, sparse))).Tensors.Single().Elements, Read(Ort.Session(Ort.Graph([], [], []).Tables(7, sparse))).Tensors.Single().Place));
    }

    [TestMethod]
    public void A_file_cut_at_any_byte_is_refused() => Hostile.AssertRefusedWhenCut(Ort.File(Ort.Small()), Path);

    [TestMethod]
    public void Files_that_contradict_themselves_are_refused()
    {
        Refused(Ort.Session(Ort.Graph([], [], []), irVersion: 360287970189639431), "360287970189639431");
        Refused(Ort.Session(Ort.Graph([], [], []), version: "x"), "no number");
        Refused(Ort.Session(Ort.Graph([], [], []), version: ""), "0 characters long");
        Refused(new FlatObject().Text(0, "6"), "no model");
        Refused(new FlatObject().Text(0, "6").Table(1, new FlatObject()), "no graph");
        Refused(Ort.Session(Ort.Graph([Ort.Header("w", DataTypes.Float32, 4).Bytes(4, new byte[12])], [], [])), "stores 12 bytes");
        Refused(Ort.Session(Ort.Graph([Ort.Header("w", DataTypes.Float32, 1L << 40, 1L << 40)], [], [])), "does not fit");
        Refused(Ort.Session(Ort.Graph([new FlatObject().Text(0, "w").Int32(3, 77)], [], [])), "which ONNX does not define");
    }

    [TestMethod]
    public void Graphs_nested_a_thousand_deep_are_refused_without_overflowing_the_stack()
    {
        var graph = Ort.Graph([], [], []);
        for (var level = 0; level < 1000; level++) graph = Ort.Graph([], [Ort.Node("If", "c", "o", Ort.Body("b", graph))], []);

        Hostile.AssertRefused(Ort.File(Ort.Session(graph)), Path, Diagnostics.ModelLimit, "nested deeper");
    }

    [TestMethod]
    public void A_small_file_cannot_ask_for_endless_work()
    {
        var node = new FlatObject().Text(5, "Add").Repeated(10, 3000, new FlatObject().Text(0, "a").Texts(10, [.. Enumerable.Repeat("LEAF", 3000)]));

        Hostile.AssertRefused(Ort.File(Ort.Session(new FlatObject().Repeated(2, 3000, node))), Path, Diagnostics.ModelLimit, "the same bytes again and again");
    }

    private static ModelFile Read(FlatObject session) => Hostile.Read(Ort.File(session), Path);

    private static void Refused(FlatObject session, string reason) => Hostile.AssertRefused(Ort.File(session), Path, Diagnostics.ModelMalformed, reason);
}
