using System.Buffers.Binary;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>Damages files, in the same way for the same seed: bits, bytes, numbers, lengths, pieces gone, doubled or moved, and the end cut off.</summary>
internal sealed class Mutator(int seed)
{
    private const int MostChanges = 4, LongestPiece = 64;

    private static readonly long[] Numbers = [0, 1, -1, 0x7F, 0x80, 0xFF, short.MaxValue, ushort.MaxValue, int.MaxValue, uint.MaxValue, 1L << 31, 1L << 32, 1L << 62, long.MaxValue, long.MinValue];

    private readonly Random random = new(seed);

    /// <summary>A damaged copy.</summary>
    public byte[] Damage(byte[] whole)
    {
        var mutant = whole.ToArray();
        for (var change = random.Next(1, MostChanges + 1); change > 0 && mutant.Length > 0; change--)
            mutant = Change(mutant);
        return mutant;
    }

    private byte[] Change(byte[] file)
    {
        var at = random.Next(file.Length);
        var piece = Math.Min(random.Next(1, LongestPiece), file.Length - at);
        switch (random.Next(16))
        {
            case <= 5:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case <= 8:
                file[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x80, _ => (byte)random.Next(256) };
                return file;
            case <= 10:
                Write(file, at, Numbers[random.Next(Numbers.Length)]);
                return file;
            case 11:
                Write(file, at, random.Next(-4, file.Length + 4));
                return file;
            case 12:
                return [.. file[..at], .. file[(at + piece)..]];
            case 13:
                return [.. file[..(at + piece)], .. file[at..]];
            case 14:
                file.AsSpan(random.Next(file.Length - piece + 1), piece).ToArray().CopyTo(file, at);
                return file;
            default:
                return file[..at];
        }
    }

    // Of one, two, four or eight bytes, as formats of fixed width write them.
    private void Write(byte[] file, int at, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        var width = Math.Min(1 << random.Next(4), file.Length - at);
        bytes[..width].CopyTo(file.AsSpan(at));
    }
}
