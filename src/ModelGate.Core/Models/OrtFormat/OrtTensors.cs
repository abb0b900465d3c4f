using System.Globalization;
using ModelGate.Models.FlatBuffers;
using ModelGate.Models.Onnx;

namespace ModelGate.Models.OrtFormat;

/// <summary>Reads tensors of ONNX Runtime's format: what they declare and how much they store, and of the stored values only short lists of integers, which may be shapes.</summary>
internal sealed class OrtTensors(NameTable names, string path)
{
    private int tensors;

    /// <summary>Reads a tensor.</summary>
    public StoredTensor Tensor(FlatTable table)
    {
        Count(table);
        var raw = table.Vector(Fields.Tensor.Raw, sizeof(byte));
        var strings = table.Vector(Fields.Tensor.Strings, sizeof(uint));
        var tensor = new StoredTensor(table.Position)
        {
            Name = names.Number(table.Text(Fields.Tensor.Name)),
            DataType = table.Int32(Fields.Tensor.DataType),
            Dims = Dims(table, Fields.Tensor.Dims),
            RawLength = raw.Count,
            RawOffset = raw.Start,
        };
        if (tensor.DataType == TensorParser.Int64 && raw.Count is > 0 and <= TensorParser.LongestNumbers) tensor.Numbers = TensorParser.NumbersIn(raw.Bytes("a shape"));
        if (strings.Count > 0) (tensor.Typed, tensor.Texts) = (new TypedFields { Strings = strings.Count }, strings.Start - sizeof(uint));
        for (var index = 0; index < strings.Count; index++) tensor.Typed!.StringBytes += strings.TextLength(index);
        if (table.Int64(Fields.Tensor.ExternalOffset, -1) is >= 0 and var offset)
        {
            // The format says where in a file the bytes are, and not in which: ONNX Runtime writes them beside the model.
            tensor.IsExternal = true;
            tensor.External = new ExternalData { Location = Path.GetFileName(path) + ".data", Offset = offset.ToString(CultureInfo.InvariantCulture) };
        }
        return tensor;
    }

    /// <summary>Reads a sparse tensor.</summary>
    public SparseTensor Sparse(FlatTable table)
    {
        Count(table);
        return new SparseTensor(table.Position)
        {
            Values = table.Table(Fields.SparseTensor.Values) is { } values ? Tensor(values) : null,
            Indices = table.Table(Fields.SparseTensor.Indices) is { } indices ? Tensor(indices) : null,
            Dims = Dims(table, Fields.SparseTensor.Dims),
        };
    }

    private static long[] Dims(FlatTable table, int field)
    {
        var vector = table.Vector(field, sizeof(long));
        if (vector.Count > Limits.Rank)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {table.Position}: a tensor has more than {Limits.Rank} dimensions");
        var dims = vector.Count == 0 ? [] : new long[vector.Count];
        for (var index = 0; index < dims.Length; index++) dims[index] = vector.Int64(index);
        return dims;
    }

    private void Count(FlatTable table)
    {
        if (++tensors > Limits.Tensors)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {table.Position}: the model has more than {Limits.Tensors} tensors");
    }
}
