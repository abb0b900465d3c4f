namespace ModelGate.Measuring;

/// <summary>Hardware that a model is meant for, judged by arithmetic and not by timing. What is not known of it is null.</summary>
/// <param name="Name">Its name.</param>
public sealed record Target(string Name)
{
    /// <summary>Bytes of memory that an app may use at most.</summary>
    public double? Memory { get; init; }

    /// <summary>Bytes of memory that can be read in a second.</summary>
    public double? Bandwidth { get; init; }

    /// <summary>Operations in float32 that can be done in a second; a multiply-accumulate is two.</summary>
    public double? Compute { get; init; }

    /// <summary>Bits that arrive in a second where the model is downloaded.</summary>
    public double? Downlink { get; init; }

    /// <summary>The codec that it is downloaded in: gzip, deflate or brotli.</summary>
    public string Codec { get; init; } = "brotli";

    /// <summary>Where the figures come from; empty where the policy says them.</summary>
    public string Source { get; init; } = "";

    /// <summary>The key of a policy that a metric of targets needs and this one lacks; null where nothing is missing.</summary>
    public string? MissingFor(string quality) => quality switch
    {
        "memory" when Memory is null => "memory",
        "latency_bound" when Bandwidth is null => "bandwidth",
        "latency_bound" when Compute is null => "compute",
        "download_time" when Downlink is null => "downlink",
        _ => null,
    };
}

/// <summary>Targets that every policy knows, with the sources of their figures. Peaks are products of published figures, not measurements.</summary>
public static class TargetPresets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("raspberry-pi-5")
        {
            Memory = 8e9, Bandwidth = 17.1e9, Compute = 153.6e9,
            Source = "Raspberry Pi 5, 8 GB (product brief): 32-bit LPDDR4X at 4267 MT/s; 4 Cortex-A76 at 2.4 GHz with two 128-bit multiply-add pipelines each (Arm Cortex-A76 Software Optimization Guide)",
        },
        new("jetson-orin-nano-cpu")
        {
            Memory = 8e9, Bandwidth = 68e9, Compute = 144e9,
            Source = "NVIDIA Jetson Orin Nano 8 GB (module data sheet): 128-bit LPDDR5, 68 GB/s; its 6 Cortex-A78AE at 1.5 GHz with two 128-bit multiply-add pipelines each, without the GPU",
        },
        new("azure-functions-consumption")
        {
            Memory = 1.5e9,
            Source = "Azure Functions, Consumption plan: 1.5 GB per instance (Microsoft Learn, Functions hosting options, service limits)",
        },
        new("browser-wasm32")
        {
            Memory = 4L << 30,
            Source = "WebAssembly Core Specification 1.0: 65,536 pages of 64 KiB; browsers on phones give less",
        },
    ];

    /// <summary>The one of a name, or null.</summary>
    public static Target? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
