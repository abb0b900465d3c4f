namespace ModelGate.Measuring;

// This file is compiled into the worker as well.

/// <summary>What ONNX Runtime may run the nodes of a model on.</summary>
/// <param name="Name">The word for it in policies and reports.</param>
/// <param name="RuntimeName">What the runtime calls it.</param>
/// <param name="IsOfProcessor">True where it computes on the processor and in its memory, so that what is known of those bounds it.</param>
public sealed record ExecutionProvider(string Name, string RuntimeName, bool IsOfProcessor = false)
{
    private const string Suffix = "ExecutionProvider";

    /// <summary>The one that every runtime has, and that takes whatever the others leave.</summary>
    public static readonly ExecutionProvider Cpu = new("cpu", "CPUExecutionProvider", IsOfProcessor: true);

    private static readonly ExecutionProvider[] All =
    [
        Cpu,
        new("cuda", "CUDAExecutionProvider"),
        new("tensorrt", "TensorrtExecutionProvider"),
        new("directml", "DmlExecutionProvider"),
        new("coreml", "CoreMLExecutionProvider"),
        new("openvino", "OpenVINOExecutionProvider"),
        new("qnn", "QNNExecutionProvider"),
        new("migraphx", "MIGraphXExecutionProvider"),
        new("webgpu", "WebGpuExecutionProvider"),
        new("vitisai", "VitisAIExecutionProvider"),
        new("xnnpack", "XnnpackExecutionProvider", IsOfProcessor: true),
    ];

    /// <summary>The words for those that can be asked for.</summary>
    public static IReadOnlyList<string> Names => Array.ConvertAll(All, static provider => provider.Name);

    /// <summary>The one of a name in policies, or null.</summary>
    public static ExecutionProvider? Find(string name)
    {
        foreach (var provider in All)
        {
            if (provider.Name == name)
                return provider;
        }

        return null;
    }

    /// <summary>The word for what the runtime calls one; of those that cannot be asked for, the runtime's own in small letters.</summary>
    public static string NameOf(string runtimeName)
    {
        foreach (var provider in All)
        {
            if (provider.RuntimeName == runtimeName)
                return provider.Name;
        }

        return runtimeName.Replace(Suffix, "", StringComparison.Ordinal).ToLowerInvariant();
    }
}
