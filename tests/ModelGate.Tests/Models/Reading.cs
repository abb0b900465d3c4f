using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models;

/// <summary>Short ways to read what the test model builder makes.</summary>
internal static class Reading
{
    public static ModelFile Read(Message model, string path = "model.onnx")
    {
        using var stream = new MemoryStream(model.ToArray());
        return ModelReader.Read(stream, path);
    }

    public static ModelFile Read(OnnxGraph graph) => Read(Onnx.Model(graph));

    public static ModelException Refused(Message model, string path = "model.onnx") => Assert.ThrowsExactly<ModelException>(() => Read(model, path));

    public static Tensor Tensor(this ModelFile model, string name) => model.Tensors.Single(tensor => tensor.Name == name);

    public static long Parameters(this ModelFile model) => model.Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.LogicalElements);
}
