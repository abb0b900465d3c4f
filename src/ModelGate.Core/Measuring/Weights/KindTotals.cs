using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>How many learned values belong to each kind of layer, added up in one go.</summary>
internal sealed class KindTotals
{
    private readonly Int128[] values = new Int128[LayerGraph.AllKinds.Count];
    private Int128 all;

    /// <summary>Adds up the tensors of a model.</summary>
    public static KindTotals Of(ModelFile model, LayerGraph layers)
    {
        var totals = new KindTotals();
        for (var index = 0; index < model.Tensors.Count; index++)
        {
            if (!model.Tensors[index].IsParameter) continue;
            totals.values[(int)layers.Kinds[index]] += model.Tensors[index].LogicalElements;
            totals.all += model.Tensors[index].LogicalElements;
        }
        return totals;
    }

    /// <summary>The share of a kind, by its name in metrics; 0 in a model without learned values.</summary>
    public double Share(ReadOnlySpan<char> kind)
    {
        foreach (var each in LayerGraph.AllKinds)
        {
            if (kind.SequenceEqual(LayerGraph.Name(each))) return all == 0 ? 0 : (double)values[(int)each] / (double)all;
        }
        return 0;
    }
}
