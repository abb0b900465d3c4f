using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>A stored tensor that may be converted, with what there is to know of it.</summary>
/// <param name="Tensor">As stored.</param>
/// <param name="Name">The value that it gives.</param>
/// <param name="Storage">Type and size.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Graph">The graph that holds it.</param>
/// <param name="Constant">The Constant node that holds it; null for an initializer.</param>
/// <param name="Function">The local function that holds it, or null.</param>
internal sealed record Weight(StoredTensor Tensor, string Name, Storage Storage, Purpose Purpose, Graph Graph, Node? Constant, Function? Function)
{
    /// <summary>Its dimensions.</summary>
    public long[] Dims => Tensor.Dims;
}
