using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelGate.Models.Onnx;

/// <summary>Every different name of a model once: as a number while the graph is worked on, as text only where somebody asks.</summary>
internal sealed class NameTable
{
    private static readonly ulong FirstKey = NewKey(), SecondKey = NewKey();

    // Plain arrays: a model may have millions of names, and an object for each would keep the garbage collector busy.
    private Entry[] entries = new Entry[512];
    private string?[] texts = new string?[512];
    private byte[] bytes = new byte[4096];
    private int used;
    private int[] buckets = new int[512];

    /// <summary>Starts with the empty name as number 0.</summary>
    public NameTable() => Number([]);

    /// <summary>How many different names there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number of a name.</summary>
    /// <exception cref="ModelException">The names together exceed the limit.</exception>
    public int Number(ReadOnlySpan<byte> name)
    {
        var code = HashOf(name);
        for (var found = buckets[code & (buckets.Length - 1)] - 1; found >= 0; found = entries[found].Next)
        {
            ref readonly var entry = ref entries[found];
            if (entry.Hash == code && bytes.AsSpan(entry.Start, entry.Length).SequenceEqual(name)) return found;
        }
        return Add(name, code);
    }

    /// <summary>The text of a name; what is not UTF-8 in it shows as U+FFFD.</summary>
    public string Text(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        return texts[number] ??= Encoding.UTF8.GetString(bytes, entries[number].Start, entries[number].Length);
    }

    // Words multiplied with keys that each process draws anew, so that a file cannot be made to collide (wyhash, Wang Yi, as Go hashes its
    // maps). Names are short, and looked up for every input and output of every node: HashCode takes longer than all else that is done here.
    private static int HashOf(ReadOnlySpan<byte> name)
    {
        const int Word = sizeof(ulong), Half = sizeof(uint);
        var state = FirstKey ^ (ulong)name.Length;
        for (; name.Length > 2 * Word; name = name[(2 * Word)..])
            state = Mixed(BinaryPrimitives.ReadUInt64LittleEndian(name) ^ SecondKey, BinaryPrimitives.ReadUInt64LittleEndian(name[Word..]) ^ state);
        var (low, high) = name.Length switch
        {
            >= Word => (BinaryPrimitives.ReadUInt64LittleEndian(name), BinaryPrimitives.ReadUInt64LittleEndian(name[^Word..])),
            >= Half => ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(name), (ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^Half..])),
            > 0 => ((ulong)name[0], ((ulong)name[name.Length / 2] << 8) | name[^1]),
            _ => (0UL, 0UL),
        };
        return (int)Mixed(low ^ SecondKey, high ^ state);
    }

    // The system's own randomness, for which no library of cryptography is loaded at each start.
    private static ulong NewKey() => MemoryMarshal.Read<ulong>(Guid.NewGuid().ToByteArray()) * 0x9E3779B97F4A7C15;

    private static ulong Mixed(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private int Add(ReadOnlySpan<byte> name, int code)
    {
        if (used + name.Length > Limits.NameBytes)
            throw new ModelException(Diagnostics.ModelLimit, $"the names of the model together exceed {Limits.NameBytes} bytes");
        if (used + name.Length > bytes.Length)
            Array.Resize(ref bytes, Math.Max(used + name.Length, bytes.Length * 2));
        if (Count == entries.Length) Grow();
        if (Count >= buckets.Length) Rehash();
        name.CopyTo(bytes.AsSpan(used));
        ref var bucket = ref buckets[code & (buckets.Length - 1)];
        entries[Count] = new Entry { Hash = code, Start = used, Length = name.Length, Next = bucket - 1 };
        used += name.Length;
        bucket = ++Count;
        return Count - 1;
    }

    // Without Array.Resize: of a structure, the runtime would compile it at each start.
    private void Grow()
    {
        var (oldEntries, oldTexts) = (entries, texts);
        entries = new Entry[Count * 2];
        texts = new string?[Count * 2];
        Array.Copy(oldEntries, entries, Count);
        Array.Copy(oldTexts, texts, Count);
    }

    private void Rehash()
    {
        buckets = new int[buckets.Length * 4];
        for (var number = 0; number < Count; number++)
        {
            ref var bucket = ref buckets[entries[number].Hash & (buckets.Length - 1)];
            entries[number].Next = bucket - 1;
            bucket = number + 1;
        }
    }

    private struct Entry
    {
        public int Hash;
        public int Start;
        public int Length;
        public int Next;
    }
}
