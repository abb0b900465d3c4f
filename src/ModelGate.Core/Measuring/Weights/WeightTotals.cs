using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What the learned tensors of models weigh together, added up in one go. The numbers are wide: external files may be sparse and declare more bytes than 64 bits count.</summary>
internal sealed class WeightTotals
{
    private readonly Dictionary<DataType, Sum> byType = [];
    private DataType? last;
    private Sum ofLast = new();

    /// <summary>Learned values.</summary>
    public Int128 Parameters { get; private set; }

    /// <summary>Bytes that they take as stored.</summary>
    public Int128 Bytes { get; private set; }

    /// <summary>Bytes that they take with the scales and zero points that they are read by.</summary>
    public Int128 BytesWithScales { get; private set; }

    /// <summary>Adds up the tensors of models.</summary>
    public static WeightTotals Of(IEnumerable<ModelFile> models)
    {
        var totals = new WeightTotals();
        foreach (var model in models)
        {
            for (var index = 0; index < model.Tensors.Count; index++) totals.Add(model.Tensors[index]);
        }
        return totals;
    }

    /// <summary>Bytes that learned values of a type take.</summary>
    public Int128 BytesOf(string type)
    {
        foreach (var (each, sum) in byType)
        {
            if (each.Name == type) return sum.Bytes;
        }
        return 0;
    }

    private void Add(Tensor tensor)
    {
        if (tensor.IsParameter)
        {
            Parameters += tensor.LogicalElements;
            Bytes += tensor.Bytes;
            SumOf(tensor.Type).Bytes += tensor.Bytes;
        }
        if (tensor.Place != Place.Training && (tensor.IsParameter || tensor.Role is Role.Scale or Role.ZeroPoint)) BytesWithScales += tensor.Bytes;
    }

    private Sum SumOf(DataType type)
    {
        if (ReferenceEquals(type, last)) return ofLast;
        if (!byType.TryGetValue(type, out var sum)) byType.Add(type, sum = new());
        (last, ofLast) = (type, sum);
        return sum;
    }

    private sealed class Sum
    {
        public Int128 Bytes { get; set; }
    }
}
