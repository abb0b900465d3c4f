using System.Text;

namespace ModelGate.Models.Onnx;

/// <summary>Every different name of a model once: as a number while the graph is worked on, as text only where somebody asks.</summary>
internal sealed class NameTable
{
    // Plain arrays: a model may have millions of names, and an object for each would keep the garbage collector busy.
    private Entry[] entries = new Entry[256];
    private string?[] texts = new string?[256];
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
        var hash = new HashCode(); // seeded per process, so a file cannot be made to collide
        hash.AddBytes(name);
        var code = hash.ToHashCode();
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
