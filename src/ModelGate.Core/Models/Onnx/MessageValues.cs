using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ModelGate.Models.Onnx;

/// <summary>
/// The values of a tensor that are not one run of bytes: brought into the form of the raw data that holds the same values, so that it makes
/// no difference how they are stored. Which field of a tensor holds a type: onnx.proto, comments of TensorProto.
/// </summary>
internal sealed class MessageValues
{
    private const int ChunkLength = 4096;

    private readonly ProtobufReader reader;
    private readonly IncrementalHash? hash;
    private readonly byte[] chunk = new byte[ChunkLength];
    private readonly int width;
    private readonly long wanted;
    private int held;
    private long taken, beside; // bytes of all, and of what stands beside the values: lengths of texts, indices

    private MessageValues(ProtobufReader reader, Tensor tensor, IncrementalHash? hash, long wanted)
    {
        const int BitsPerByte = 8;
        this.reader = reader;
        this.hash = hash;
        this.wanted = wanted;
        width = Math.Max(1, tensor.Type.Bits / BitsPerByte);
        Read(tensor.Message!.Fields);
        foreach (var again in tensor.Message.More)
        {
            if (again < reader.Position) continue; // a reader goes forward alone
            reader.Jump(again - reader.Position);
            Read(tensor.Message.Fields);
        }
    }

    private bool IsEnough => taken >= wanted;

    /// <summary>Hashes the values of a tensor that has a <see cref="Tensor.Message"/>.</summary>
    /// <param name="reader">Reads the model that holds it, from where the message begins.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="hash">What to add them to.</param>
    /// <returns>False where these are not all its values, as of a tensor that stands in pieces.</returns>
    /// <exception cref="ModelException">The file is not what it was when its structure was read.</exception>
    public static bool TryHash(ProtobufReader reader, Tensor tensor, IncrementalHash hash)
    {
        var values = new MessageValues(reader, tensor, hash, long.MaxValue);
        values.Flush();
        return values.taken - values.beside == tensor.Bytes;
    }

    /// <summary>The first bytes of what is hashed.</summary>
    /// <param name="reader">Reads the model that holds it, from where the message begins.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="most">How many, at most; fewer than a chunk.</param>
    /// <exception cref="ModelException">The file is not what it was when its structure was read.</exception>
    public static byte[] Opening(ProtobufReader reader, Tensor tensor, int most)
    {
        var values = new MessageValues(reader, tensor, null, most);
        return values.chunk[..Math.Min(values.held, most)];
    }

    private void Read(ValueFields fields)
    {
        if (fields == ValueFields.Tensor) ReadTensor(width);
        else if (fields == ValueFields.Sparse) ReadSparse();
        else ReadAttribute(fields);
    }

    private void ReadTensor(int width)
    {
        var outer = reader.Enter();
        while (!IsEnough && reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Tensor.Floats: Add(sizeof(float)); break;
                case Tags.Tensor.Doubles: Add(sizeof(double)); break;
                case Tags.Tensor.Raw or Tags.Tensor.FloatsPacked or Tags.Tensor.DoublesPacked: Add(reader.Length()); break;
                case Tags.Tensor.Int32 or Tags.Tensor.Int64 or Tags.Tensor.UInt64: Add(reader.Varint(), width); break;
                case Tags.Tensor.Int32Packed or Tags.Tensor.Int64Packed or Tags.Tensor.UInt64Packed: AddPacked(width); break;
                case Tags.Tensor.Strings: AddText(); break;
                default: reader.Skip(tag); break;
            }
        }
        reader.Leave(outer);
    }

    // The indices tell one sparse tensor from another as the values do, and are none of them.
    private void ReadSparse()
    {
        var outer = reader.Enter();
        while (!IsEnough && reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.SparseTensor.Values: ReadTensor(width); break;
                case Tags.SparseTensor.Indices:
                    var before = taken;
                    ReadTensor(sizeof(long));
                    beside += taken - before;
                    break;
                default: reader.Skip(tag); break;
            }
        }
        reader.Leave(outer);
    }

    private void ReadAttribute(ValueFields fields)
    {
        var outer = reader.Enter();
        while (!IsEnough && reader.Next(out var tag))
        {
            switch (tag, fields)
            {
                case (Tags.Attribute.Float, ValueFields.Float) or (Tags.Attribute.Floats, ValueFields.Floats): Add(sizeof(float)); break;
                case (Tags.Attribute.FloatsPacked, ValueFields.Floats) or (Tags.Attribute.Text, ValueFields.Text): Add(reader.Length()); break;
                case (Tags.Attribute.Int, ValueFields.Int) or (Tags.Attribute.Ints, ValueFields.Ints): Add(reader.Varint(), width); break;
                case (Tags.Attribute.IntsPacked, ValueFields.Ints): AddPacked(width); break;
                case (Tags.Attribute.Strings, ValueFields.Texts): AddText(); break;
                default: reader.Skip(tag); break;
            }
        }
        reader.Leave(outer);
    }

    private void AddPacked(int width)
    {
        var length = reader.Length();
        var after = reader.Remaining - length;
        while (!IsEnough && reader.Remaining > after) Add(reader.Varint(), width);
    }

    // With its length before it: two texts may otherwise be cut elsewhere.
    private void AddText()
    {
        var length = reader.Length();
        Add((ulong)length, sizeof(ulong));
        beside += sizeof(ulong);
        Add(length);
    }

    private void Add(ulong value, int size)
    {
        Span<byte> little = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(little, value);
        Add(little[..size]);
    }

    private void Add(long length)
    {
        while (length > 0 && !IsEnough)
        {
            if (held == ChunkLength) Flush();
            var part = (int)Math.Min(length, ChunkLength - held);
            Add(reader.Take(part));
            length -= part;
        }
    }

    private void Add(ReadOnlySpan<byte> values)
    {
        if (held + values.Length > chunk.Length) Flush();
        values.CopyTo(chunk.AsSpan(held));
        held += values.Length;
        taken += values.Length;
    }

    private void Flush()
    {
        hash?.AppendData(chunk, 0, held);
        held = 0;
    }
}
