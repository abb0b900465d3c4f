using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelGate.Models.Onnx;

/// <summary>Every different name of a model once, but for those that are only kept: as a number while the graph is worked on, as text only where somebody asks.</summary>
internal sealed class NameTable
{
    private const int Unsought = -2; // where others have the next name of their bucket

    private static readonly ulong FirstKey = NewKey(), SecondKey = NewKey();

    // Plain arrays: a model may have millions of names, and an object for each would keep the garbage collector busy.
    private Entry[] entries = new Entry[512];
    private string?[] texts = new string?[512];
    private byte[] bytes = new byte[4096];
    private int used;
    private int[] buckets = new int[512];

    /// <summary>Starts with the empty name as number 0.</summary>
    public NameTable() => Number([]);

    /// <summary>How many numbers there are.</summary>
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
        var number = Append(name);
        entries[number].Hash = code;
        if (Count > buckets.Length) Rehash();
        else Link(number);
        return number;
    }

    /// <summary>The number of a name of which only the text is asked, such as a node's: it is not sought, and a name that stands twice has two numbers.</summary>
    /// <exception cref="ModelException">The names together exceed the limit.</exception>
    public int Keep(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return 0;
        var number = Append(name);
        entries[number].Next = Unsought;
        return number;
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

    private int Append(ReadOnlySpan<byte> name)
    {
        if (used + name.Length > Limits.NameBytes)
            throw new ModelException(Diagnostics.ModelLimit, $"the names of the model together exceed {Limits.NameBytes} bytes");
        if (used + name.Length > bytes.Length)
            Array.Resize(ref bytes, Math.Max(used + name.Length, bytes.Length * 2));
        if (Count == entries.Length) Grow();
        name.CopyTo(bytes.AsSpan(used));
        entries[Count] = new Entry { Start = used, Length = name.Length };
        used += name.Length;
        return Count++;
    }

    private void Link(int number)
    {
        ref var entry = ref entries[number];
        ref var bucket = ref buckets[entry.Hash & (buckets.Length - 1)];
        entry.Next = bucket - 1;
        bucket = number + 1;
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
            if (entries[number].Next != Unsought) Link(number);
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
