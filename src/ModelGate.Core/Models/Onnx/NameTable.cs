using System.Text;

namespace ModelGate.Models.Onnx;

/// <summary>Every different name of a model once: as a number while the graph is worked on, as text only where somebody asks.</summary>
internal sealed class NameTable
{
    private readonly List<Entry> entries = [];
    private byte[] bytes = new byte[4096];
    private int used;
    private int[] buckets = new int[512];

    /// <summary>Starts with the empty name as number 0.</summary>
    public NameTable() => Number([]);

    /// <summary>How many different names there are.</summary>
    public int Count => entries.Count;

    /// <summary>The number of a name.</summary>
    /// <exception cref="ModelException">The names together exceed the limit.</exception>
    public int Number(ReadOnlySpan<byte> name)
    {
        var hash = new HashCode(); // seeded per process, so a file cannot be made to collide
        hash.AddBytes(name);
        var code = hash.ToHashCode();
        for (var found = buckets[code & (buckets.Length - 1)] - 1; found >= 0; found = entries[found].Next)
        {
            var entry = entries[found];
            if (entry.Hash == code && bytes.AsSpan(entry.Start, entry.Length).SequenceEqual(name)) return found;
        }
        return Add(name, code);
    }

    /// <summary>The text of a name; what is not UTF-8 in it shows as U+FFFD.</summary>
    public string Text(int number)
    {
        var entry = entries[number];
        return entry.Text ??= Encoding.UTF8.GetString(bytes, entry.Start, entry.Length);
    }

    private int Add(ReadOnlySpan<byte> name, int code)
    {
        if (used + name.Length > Limits.NameBytes)
            throw new ModelException(Diagnostics.ModelLimit, $"the names of the model together exceed {Limits.NameBytes} bytes");
        if (used + name.Length > bytes.Length)
            Array.Resize(ref bytes, Math.Max(used + name.Length, bytes.Length * 2));
        if (entries.Count >= buckets.Length) Rehash();
        name.CopyTo(bytes.AsSpan(used));
        ref var bucket = ref buckets[code & (buckets.Length - 1)];
        entries.Add(new Entry(code, used, name.Length, bucket - 1));
        used += name.Length;
        return (bucket = entries.Count) - 1;
    }

    private void Rehash()
    {
        buckets = new int[buckets.Length * 2];
        for (var number = 0; number < entries.Count; number++)
        {
            ref var bucket = ref buckets[entries[number].Hash & (buckets.Length - 1)];
            entries[number].Next = bucket - 1;
            bucket = number + 1;
        }
    }

    private sealed class Entry(int hash, int start, int length, int next)
    {
        public readonly int Hash = hash;
        public readonly int Start = start;
        public readonly int Length = length;
        public int Next = next;
        public string? Text;
    }
}
