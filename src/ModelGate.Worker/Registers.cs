using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Worker;

/// <summary>What a vector register of float32 can do. Apart from the register's own type, so that the compiler keeps each in a register and not in memory.</summary>
/// <typeparam name="T">The register.</typeparam>
internal interface IRegister<T> where T : struct
{
    /// <summary>Numbers in it.</summary>
    static abstract int Count { get; }

    /// <summary>A number in every place.</summary>
    static abstract T Of(float value);

    /// <summary>a · x + y in every place, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T x, T y);
}

/// <summary>512 bits, where the processor has them. Asked for by their own name: .NET says of some processors that they are not accelerated, since they lower their frequency for them, and runtimes use them all the same.</summary>
internal readonly struct WideRegister : IRegister<Vector512<float>>
{
    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> x, Vector512<float> y) => Avx512F.FusedMultiplyAdd(a, x, y);
}

/// <summary>As wide as .NET uses on this processor: 128 or 256 bits.</summary>
internal readonly struct UsualRegister : IRegister<Vector<float>>
{
    public static int Count => Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> x, Vector<float> y) => Vector.FusedMultiplyAdd(a, x, y);
}
