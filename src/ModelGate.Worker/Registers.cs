using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelGate.Worker;

/// <summary>A vector register of float32.</summary>
/// <typeparam name="T">The register itself.</typeparam>
internal interface IRegister<T> where T : struct, IRegister<T>
{
    /// <summary>Numbers in it.</summary>
    static abstract int Count { get; }

    /// <summary>A number in every place.</summary>
    static abstract T Of(float value);

    /// <summary>a · x + y in every place, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T x, T y);
}

/// <summary>512 bits, where the processor has them.</summary>
internal readonly record struct WideRegister(Vector512<float> Value) : IRegister<WideRegister>
{
    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideRegister Of(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideRegister MultiplyAdd(WideRegister a, WideRegister x, WideRegister y) => new(Vector512.FusedMultiplyAdd(a.Value, x.Value, y.Value));
}

/// <summary>As wide as .NET uses on this processor: 128 or 256 bits.</summary>
internal readonly record struct UsualRegister(Vector<float> Value) : IRegister<UsualRegister>
{
    public static int Count => Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualRegister Of(float value) => new(new Vector<float>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualRegister MultiplyAdd(UsualRegister a, UsualRegister x, UsualRegister y) => new(Vector.FusedMultiplyAdd(a.Value, x.Value, y.Value));
}
