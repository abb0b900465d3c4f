using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ModelGate.Models.Onnx;

/// <summary>
/// The values of a tensor that stand in typed fields of its message: hashed as the raw data that holds the same values, so that it makes no
/// difference how they are stored. Which field holds a type: onnx.proto, comments of TensorProto.
/// </summary>
internal sealed class TypedValues
{
    private const int ChunkLength = 4096;

    private readonly ProtobufReader reader;
    private readonly IncrementalHash hash;
    private readonly byte[] chunk = new byte[ChunkLength];
    private readonly int width;
    private int held;
    private long bytes;

    private TypedValues(ProtobufReader reader, IncrementalHash hash, int width)
    {
        this.reader = reader;
        this.hash = hash;
        this.width = width;
    }

    /// <summary>Hashes the values of a tensor.</summary>
    /// <param name="stream">The model that holds it.</param>
    /// <param name="tensor">The tensor, which the model stores in one message.</param>
    /// <param name="hash">What to add them to.</param>
    /// <returns>False where these are not all its values, as of a tensor that stands in pieces.</returns>
    /// <exception cref="ModelException">The file is not what it was when its structure was read.</exception>
    public static bool TryHash(Stream stream, Tensor tensor, IncrementalHash hash)
    {
        const int BitsPerByte = 8;
        var reader = new ProtobufReader(stream, stream.Length);
        reader.Jump(tensor.Stored!.Offset);
        var values = new TypedValues(reader, hash, Math.Max(1, tensor.Type.Bits / BitsPerByte));
        values.Read();
        return values.bytes == tensor.Bytes;
    }

    private void Read()
    {
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Tensor.Floats: Add(sizeof(float)); break;
                case Tags.Tensor.Doubles: Add(sizeof(double)); break;
                case Tags.Tensor.FloatsPacked or Tags.Tensor.DoublesPacked: Add(reader.Length()); break;
                case Tags.Tensor.Int32 or Tags.Tensor.Int64 or Tags.Tensor.UInt64: Add(reader.Varint()); break;
                case Tags.Tensor.Int32Packed or Tags.Tensor.Int64Packed or Tags.Tensor.UInt64Packed: AddPacked(); break;
                case Tags.Tensor.Strings: AddText(); break;
                default: reader.Skip(tag); break;
            }
        }
        reader.Leave(outer);
        Flush();
    }

    private void AddPacked()
    {
        var length = reader.Length();
        var after = reader.Remaining - length;
        while (reader.Remaining > after) Add(reader.Varint());
    }

    // With its length before it: two texts may otherwise be cut elsewhere.
    private void AddText()
    {
        var length = reader.Length();
        Add((ulong)length, sizeof(ulong));
        bytes -= sizeof(ulong);
        Add(length);
    }

    private void Add(ulong value) => Add(value, width);

    private void Add(ulong value, int size)
    {
        Span<byte> little = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(little, value);
        Add(little[..size]);
    }

    private void Add(long length)
    {
        while (length > 0)
        {
            var part = (int)Math.Min(length, ChunkLength);
            Add(reader.Take(part));
            length -= part;
        }
    }

    private void Add(ReadOnlySpan<byte> values)
    {
        if (held + values.Length > chunk.Length) Flush();
        values.CopyTo(chunk.AsSpan(held));
        held += values.Length;
        bytes += values.Length;
    }

    private void Flush()
    {
        hash.AppendData(chunk, 0, held);
        held = 0;
    }
}
