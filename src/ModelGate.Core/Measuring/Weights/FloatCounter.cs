using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Counts zeros, denormal numbers and groups of four with at least two zeros in runs of floating-point numbers.</summary>
internal sealed class FloatCounter
{
    private const int Group = 4;
    private const int LanesOfByte = 8;

    // For each pattern of eight zeros and non-zeros, how many of its two groups have two zeros.
    private static readonly byte[] SparseGroupsOf = [.. Enumerable.Range(0, 256).Select(static bits => (byte)((BitOperations.PopCount((uint)bits & 0xF) >= 2 ? 1 : 0) + (BitOperations.PopCount((uint)bits >> 4) >= 2 ? 1 : 0)))];

    public long Values { get; private set; }

    public long Zeros { get; private set; }

    public long Denormals { get; private set; }

    public long Groups { get; private set; }

    public long SparseGroups { get; private set; }

    /// <summary>True of types whose values are looked at: integers are codes, and their zero is wherever the zero point puts it.</summary>
    public static bool Counts(DataType type) => type.IsFloat && type.Bits is 8 or 16 or 32 or 64 && type != DataTypes.Complex64 && type != DataTypes.Float8E8M0;

    /// <summary>Counts a run that begins with a whole group.</summary>
    public void Add(DataType type, ReadOnlySpan<byte> bytes)
    {
        switch (type.Bits)
        {
            case 64: Count<ulong>(MemoryMarshal.Cast<byte, ulong>(bytes), long.MaxValue, 1UL << 52); break;
            case 32: Count<uint>(MemoryMarshal.Cast<byte, uint>(bytes), int.MaxValue, 1u << 23); break;
            case 16: Count<ushort>(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)short.MaxValue, (ushort)(type == DataTypes.BFloat16 ? 1 << 7 : 0)); break;
            default: Count<byte>(bytes, (byte)sbyte.MaxValue, (byte)0); break;
        }
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(FloatCounter other)
    {
        Values += other.Values;
        Zeros += other.Zeros;
        Denormals += other.Denormals;
        Groups += other.Groups;
        SparseGroups += other.SparseGroups;
    }

    // Without its sign a number is zero, or denormal below the smallest normal one; 0 for types whose denormals cost nothing.
    private void Count<T>(ReadOnlySpan<T> values, T magnitude, T smallestNormal) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        Values += values.Length;
        Groups += values.Length / Group;
        var lanes = Vector256<T>.Count;
        var (mask, normal) = (Vector256.Create(magnitude), Vector256.Create(smallestNormal));
        var at = 0;
        for (; at + Math.Max(lanes, Group) <= values.Length; at += lanes)
        {
            var sized = Vector256.Create(values.Slice(at, lanes)) & mask;
            var zeros = Vector256.Equals(sized, Vector256<T>.Zero).ExtractMostSignificantBits();
            Denormals += BitOperations.PopCount(Vector256.LessThan(sized, normal).ExtractMostSignificantBits() & ~zeros);
            if (zeros == 0) continue;
            Zeros += BitOperations.PopCount(zeros);
            for (var part = 0; part < lanes; part += LanesOfByte) SparseGroups += SparseGroupsOf[(zeros >> part) & 0xFF];
        }
        CountRest(values[at..], magnitude, smallestNormal);
    }

    private void CountRest<T>(ReadOnlySpan<T> values, T magnitude, T smallestNormal) where T : unmanaged, IBinaryInteger<T>
    {
        var inGroup = 0;
        for (var index = 0; index < values.Length; index++)
        {
            var sized = values[index] & magnitude;
            if (T.IsZero(sized)) (Zeros, inGroup) = (Zeros + 1, inGroup + 1);
            else if (sized < smallestNormal) Denormals++;
            if (index % Group != Group - 1) continue;
            if (inGroup >= 2) SparseGroups++;
            inGroup = 0;
        }
    }
}
