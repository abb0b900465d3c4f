using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Every tensor of a model's graphs, subgraphs and functions; training information is no part of them.</summary>
internal sealed class ModelWeights
{
    private readonly OnnxModel model;
    private readonly ValueFlow flow;

    private ModelWeights(OnnxModel model, ValueFlow flow)
    {
        this.model = model;
        this.flow = flow;
        List(model.Graph!, null);
        foreach (var function in model.Functions)
        {
            List(function.Body, function);
            AddOthers(function.Defaults);
        }
    }

    /// <summary>Initializers and the values of Constant nodes.</summary>
    public List<Weight> Weights { get; } = [];

    /// <summary>Tensors that stand elsewhere: in other attributes and in sparse tensors. They stay as they are.</summary>
    public List<(StoredTensor Tensor, string Name)> Others { get; } = [];

    /// <summary>Lists them.</summary>
    public static ModelWeights Of(OnnxModel model, ValueFlow flow) => new(model, flow);

    private void List(Graph graph, Function? function)
    {
        foreach (var tensor in graph.Initializers) Add(tensor, tensor.Value, model.Names.Text(tensor.Name), graph, null, function);
        foreach (var sparse in graph.SparseInitializers) AddSparse(sparse);
        foreach (var node in graph.Nodes)
        {
            if (model.Names.Text(node.Operator) == "Constant" && node.Outputs.Length == 1 && node.Attributes is [{ Tensor: { } value, Sparse: null }])
                Add(value, node.FirstOutput, model.Names.Text(node.Outputs[0]), graph, node, function);
            else
                AddOthers(node);
            foreach (var attribute in node.Attributes)
            {
                foreach (var body in attribute.AllBodies) List(body, function);
            }
        }
    }

    private void Add(StoredTensor tensor, int value, string name, Graph graph, Node? constant, Function? function)
    {
        var storage = Storage.Of(tensor, name);
        Weights.Add(new Weight(tensor, name, storage, flow.PurposeOf(value, storage.Type, storage.Elements, tensor.Dims.Length), graph, constant, function));
    }

    private void AddOthers(Node node)
    {
        foreach (var attribute in node.Attributes)
        {
            var name = model.Names.Text(attribute.Name);
            foreach (var tensor in (IEnumerable<StoredTensor?>)[attribute.Tensor, .. attribute.Tensors ?? []])
            {
                if (tensor is not null) Others.Add((tensor, name));
            }
            foreach (var sparse in (IEnumerable<SparseTensor?>)[attribute.Sparse, .. attribute.SparseTensors ?? []])
            {
                if (sparse is not null) AddSparse(sparse);
            }
        }
    }

    private void AddSparse(SparseTensor sparse)
    {
        if (sparse.Values is { } values) Others.Add((values, model.Names.Text(values.Name)));
        if (sparse.Indices is { } indices) Others.Add((indices, model.Names.Text(indices.Name)));
    }
}
