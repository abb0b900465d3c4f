namespace ModelGate.Compressing;

/// <summary>Room that tensors use in turn while they are converted. Taken anew for each, it would pile up before the garbage collector sees a reason to look.</summary>
internal sealed class Scratch
{
    private float[] weights = [];
    private byte[] codes = [];

    /// <summary>Room for weights; it holds what the tensor before has left there.</summary>
    /// <param name="count">How many.</param>
    public Span<float> Weights(int count) => Room(ref weights, count);

    /// <summary>Room for what they are converted to; it holds what the tensor before has left there.</summary>
    /// <param name="length">How many bytes.</param>
    public Span<byte> Codes(int length) => Room(ref codes, length);

    private static Span<T> Room<T>(ref T[] room, int length)
    {
        if (room.Length < length) room = GC.AllocateUninitializedArray<T>(length);
        return room.AsSpan(0, length);
    }
}
