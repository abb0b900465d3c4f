using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Compressing;

/// <summary>Integers to narrower ones that hold them. What does not fit is unspecified: so processors may use their own instruction for it.</summary>
internal static class Narrowing
{
    /// <summary>Integers of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<short> ToInt16(Vector<int> low, Vector<int> high)
    {
        // Pairs of registers are packed half by half, hence the new order.
        if (Avx2.IsSupported && Vector<short>.Count == Vector256<short>.Count)
            return Avx2.Permute4x64(Avx2.PackSignedSaturate(low.AsVector256(), high.AsVector256()).AsInt64(), 0b11_01_10_00).AsInt16().AsVector();
        if (Sse2.IsSupported && Vector<short>.Count == Vector128<short>.Count)
            return Sse2.PackSignedSaturate(low.AsVector128(), high.AsVector128()).AsVector();
        return Vector.Narrow(low, high);
    }

    /// <summary>Integers of 8 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<sbyte> ToInt8(Vector<int> first, Vector<int> second, Vector<int> third, Vector<int> fourth)
    {
        if (Avx2.IsSupported && Vector<sbyte>.Count == Vector256<sbyte>.Count)
        {
            var packed = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(first.AsVector256(), second.AsVector256()), Avx2.PackSignedSaturate(third.AsVector256(), fourth.AsVector256()));
            return Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsSByte().AsVector();
        }
        if (Sse2.IsSupported && Vector<sbyte>.Count == Vector128<sbyte>.Count)
            return Sse2.PackSignedSaturate(Sse2.PackSignedSaturate(first.AsVector128(), second.AsVector128()), Sse2.PackSignedSaturate(third.AsVector128(), fourth.AsVector128())).AsVector();
        return Vector.Narrow(Vector.Narrow(first, second), Vector.Narrow(third, fourth));
    }
}
