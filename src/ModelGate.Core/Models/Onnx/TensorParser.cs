using System.Buffers.Binary;
using System.Text;

namespace ModelGate.Models.Onnx;

/// <summary>Reads tensors: what they declare and how much they store, and of the stored values only short lists of integers, which may be shapes.</summary>
internal sealed class TensorParser(ProtobufReader reader, OnnxModel model)
{
    /// <summary>Number of the element type of shapes.</summary>
    public const int Int64 = 7;

    /// <summary>Most bytes of integers that are read.</summary>
    public const int LongestNumbers = 8 * sizeof(long);

    private const int MostPieces = 64; // one is all that any writer makes

    private int tensors;

    /// <summary>Reads a tensor, into <paramref name="tensor"/> where its field stands again.</summary>
    public StoredTensor Tensor(StoredTensor? tensor = null)
    {
        if (tensor is null) Count();
        else if ((tensor.More ??= []).Count < MostPieces) tensor.More.Add(reader.Position);
        tensor ??= new StoredTensor(reader.Position);
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Tensor.Dim: tensor.Dims = WithDim(tensor.Dims); break;
                case Tags.Tensor.DimsPacked: tensor.Dims = WithDims(tensor.Dims); break;
                case Tags.Tensor.DataType:
                    if (tensor.DataType is not null) model.RepeatedFields++;
                    tensor.DataType = (long)reader.Varint();
                    break;
                case Tags.Tensor.Name: tensor.Name = model.Names.Number(reader.Bytes(Limits.NameLength, "a name")); break;
                case Tags.Tensor.Raw:
                    if (tensor.RawLength is not null) model.RepeatedFields++;
                    tensor.RawLength = reader.Length();
                    tensor.RawOffset = reader.Position;
                    tensor.Numbers = tensor.RawLength is > 0 and <= LongestNumbers && tensor.DataType == Int64 ? NumbersIn(reader.Take((int)tensor.RawLength.Value)) : null;
                    if (tensor.Numbers is null) reader.Jump(tensor.RawLength.Value);
                    break;
                case Tags.Tensor.Floats:
                    reader.Skip(tag);
                    Fields(tensor).Floats++;
                    break;
                case Tags.Tensor.FloatsPacked: Fields(tensor).Floats += FixedWidth(4, tensor); break;
                case Tags.Tensor.Doubles:
                    reader.Skip(tag);
                    Fields(tensor).Doubles++;
                    break;
                case Tags.Tensor.DoublesPacked: Fields(tensor).Doubles += FixedWidth(8, tensor); break;
                case Tags.Tensor.Int32:
                    reader.Varint();
                    Fields(tensor).Int32s++;
                    break;
                case Tags.Tensor.Int32Packed: Fields(tensor).Int32s += reader.CountPackedVarints(); break;
                case Tags.Tensor.Int64:
                    reader.Varint();
                    Fields(tensor).Int64s++;
                    break;
                case Tags.Tensor.Int64Packed: Fields(tensor).Int64s += reader.CountPackedVarints(); break;
                case Tags.Tensor.UInt64:
                    reader.Varint();
                    Fields(tensor).UInt64s++;
                    break;
                case Tags.Tensor.UInt64Packed: Fields(tensor).UInt64s += reader.CountPackedVarints(); break;
                case Tags.Tensor.Strings:
                    var length = reader.Length();
                    reader.Jump(length);
                    Fields(tensor).Strings++;
                    Fields(tensor).StringBytes += length;
                    break;
                case Tags.Tensor.ExternalData: AddExternalData(tensor.External ??= new ExternalData()); break;
                case Tags.Tensor.DataLocation: tensor.IsExternal = reader.Varint() == 1; break;
                default: Skip(tag, Tags.Tensor.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        return tensor;
    }

    /// <summary>Reads a sparse tensor, into <paramref name="sparse"/> where its field stands again.</summary>
    public SparseTensor Sparse(SparseTensor? sparse = null)
    {
        if (sparse is null) Count(); // an empty one holds no tensor that would be counted
        sparse ??= new SparseTensor(reader.Position);
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.SparseTensor.Values: sparse.Values = Tensor(sparse.Values); break;
                case Tags.SparseTensor.Indices: sparse.Indices = Tensor(sparse.Indices); break;
                case Tags.SparseTensor.Dim: sparse.Dims = WithDim(sparse.Dims); break;
                case Tags.SparseTensor.DimsPacked: sparse.Dims = WithDims(sparse.Dims); break;
                default: Skip(tag, Tags.SparseTensor.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        return sparse;
    }

    /// <summary>Counts the values of a packed field of fixed width and jumps over them.</summary>
    /// <param name="width">Bytes of one value.</param>
    /// <param name="tensor">Where to keep where they lie, if they are those of a tensor.</param>
    public long FixedWidth(int width, StoredTensor? tensor = null)
    {
        var offset = reader.Position;
        var length = reader.Length();
        if (length % width != 0)
            throw ProtobufReader.Malformed(offset, $"a packed field of {width}-byte values is {length} bytes long");
        if (tensor is not null)
        {
            Fields(tensor).PackedOffset = reader.Position;
            Fields(tensor).PackedLength = length;
        }
        reader.Jump(length);
        return length / width;
    }

    /// <summary>The 64-bit integers that bytes hold.</summary>
    public static long[] NumbersIn(ReadOnlySpan<byte> bytes)
    {
        var numbers = new long[bytes.Length / sizeof(long)];
        for (var index = 0; index < numbers.Length; index++) numbers[index] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(index * sizeof(long))..]);
        return numbers;
    }

    private static TypedFields Fields(StoredTensor tensor) => tensor.Typed ??= new TypedFields();

    private void Count()
    {
        if (++tensors > Limits.Tensors)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {reader.Position}: the model has more than {Limits.Tensors} tensors");
    }

    private long[] WithDim(long[] dims)
    {
        if (dims.Length == Limits.Rank)
            throw new ModelException(Diagnostics.ModelLimit, $"at byte {reader.Position}: a tensor has more than {Limits.Rank} dimensions");
        return [.. dims, (long)reader.Varint()];
    }

    private long[] WithDims(long[] dims)
    {
        var length = reader.Length();
        var after = reader.Remaining - length;
        while (reader.Remaining > after)
            dims = WithDim(dims);
        if (reader.Remaining < after)
            throw ProtobufReader.Malformed(reader.Position, "a packed field ends in the middle of a varint");
        return dims;
    }

    private void AddExternalData(ExternalData data)
    {
        var (key, value) = ("", "");
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Entry.Key: key = Encoding.UTF8.GetString(reader.Bytes(Limits.NameLength, "a key")); break;
                case Tags.Entry.Value: value = Encoding.UTF8.GetString(reader.Bytes(Limits.NameLength, "a value")); break;
                default: Skip(tag, Tags.Entry.Knows(tag)); break;
            }
        }
        reader.Leave(outer);
        switch (key)
        {
            case "location": data.Location = value; break;
            case "offset": data.Offset = value; break;
            case "length": data.Length = value; break;
            case "checksum": data.Checksum = value; break;
            default: break; // basepath says nothing about weight
        }
    }

    private void Skip(uint tag, bool known)
    {
        if (!known) model.UnknownFields++;
        reader.Skip(tag);
    }
}
