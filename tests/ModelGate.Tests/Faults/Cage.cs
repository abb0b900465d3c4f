using System.Globalization;

namespace ModelGate.Tests.Faults;

/// <summary>
/// What a process may take at most: seconds of a processor and bytes of managed heap, and on Linux address space, which native allocations hit
/// as well. The system enforces all three: beyond the first it kills the process, beyond the others an allocation fails.
/// </summary>
/// <param name="Seconds">Seconds of a processor.</param>
/// <param name="Heap">Bytes of managed heap.</param>
internal sealed record Cage(int Seconds, long Heap)
{
    private const long Kibibyte = 1024, RuntimeItself = 3_000_000 * Kibibyte; // shared libraries, stacks, and what the collector reserves without using it
    private const int ReservedForHeap = 5; // times the limit, by the collector

    /// <summary>For a group of small files: twenty seconds and a hundred megabytes.</summary>
    public static Cage Small { get; } = new(20, 100_000_000);

    /// <summary>Bytes of address space.</summary>
    public long AddressSpace => RuntimeItself + (Heap * ReservedForHeap);

    /// <summary>The variables that set the limit of the heap.</summary>
    public Dictionary<string, string?> Environment => new() { ["DOTNET_GCHeapHardLimit"] = Heap.ToString("X", CultureInfo.InvariantCulture) };

    /// <summary>The beginning of a shell's line that puts everything behind it into the cage, the limit of the heap apart.</summary>
    public string Limits => string.Create(CultureInfo.InvariantCulture, $"ulimit -t {Seconds}; {(OperatingSystem.IsLinux() ? $"ulimit -v {AddressSpace / Kibibyte}; " : "")}");
}
