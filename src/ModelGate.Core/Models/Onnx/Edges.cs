using System.Collections;

namespace ModelGate.Models.Onnx;

/// <summary>
/// What stands at one side of a node, in order: names, or the values they stand for. A run in an array that many nodes share: arrays of
/// their own, three for each node, took more than what they held.
/// </summary>
/// <param name="shared">The array.</param>
/// <param name="start">Where the run begins in it.</param>
/// <param name="length">How many there are.</param>
internal readonly struct Edges(int[] shared, int start, int length) : IReadOnlyList<int>
{
    /// <summary>How many there are.</summary>
    public int Length => length;

    int IReadOnlyCollection<int>.Count => length;

    /// <summary>One of them.</summary>
    public int this[int index] => (uint)index < (uint)length ? shared[start + index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Goes through them.</summary>
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => new ReadOnlySpan<int>(shared, start, length).GetEnumerator();

    IEnumerator<int> IEnumerable<int>.GetEnumerator()
    {
        for (var index = 0; index < length; index++) yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<int>)this).GetEnumerator();
}

/// <summary>Room for the edges of many nodes, so many to an array.</summary>
internal sealed class EdgeRoom
{
    private const int Smallest = 1024, Largest = 4096;

    private int[] room = [];
    private int used;

    /// <summary>Takes room for so many.</summary>
    public (int[] Shared, int Start) Take(int length)
    {
        if (length > room.Length - used)
        {
            room = new int[Math.Max(length, Math.Clamp(room.Length * 2, Smallest, Largest))];
            used = 0;
        }
        used += length;
        return (room, used - length);
    }
}
