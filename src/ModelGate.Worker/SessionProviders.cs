using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Sets sessions up to run on other execution providers than the CPU's.</summary>
internal static class SessionProviders
{
    /// <summary>Adds a provider after those that were added before.</summary>
    /// <param name="options">How the session is set up.</param>
    /// <param name="name">Its name in policies.</param>
    /// <param name="threads">Threads of a provider that brings its own.</param>
    /// <exception cref="WorkerException">MG4016: the runtime was built without it, or it does not start.</exception>
    public static void Append(SessionOptions options, string name, int threads)
    {
        string[] has = OrtEnv.Instance().GetAvailableProviders();
        if (ExecutionProvider.Find(name) is not { } provider || !has.Contains(provider.RuntimeName))
            throw new WorkerException("MG4016", $"this runtime has no execution provider '{name}'; it has {string.Join(", ", has.Select(ExecutionProvider.NameOf))}");
        try
        {
            Append(options, provider, threads);
        }
        catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException or EntryPointNotFoundException or MissingMethodException)
        {
            throw new WorkerException("MG4016", $"the execution provider '{name}' does not start here: {e.Message}");
        }
    }

    // The first device of each. Providers that have no function of their own are asked for by name.
    private static void Append(SessionOptions options, ExecutionProvider provider, int threads)
    {
        switch (provider.Name)
        {
            case "cuda": options.AppendExecutionProvider_CUDA(); break;
            case "tensorrt": options.AppendExecutionProvider_Tensorrt(); break;
            case "directml": options.AppendExecutionProvider_DML(); break;
            case "coreml": options.AppendExecutionProvider_CoreML(); break;
            case "openvino": options.AppendExecutionProvider_OpenVINO(); break;
            case "migraphx": options.AppendExecutionProvider_MIGraphX(); break;
            case "qnn": options.AppendExecutionProvider("QNN"); break;
            case "webgpu": options.AppendExecutionProvider("WebGPU"); break;
            case "vitisai": options.AppendExecutionProvider("VitisAI"); break;
            case "xnnpack": options.AppendExecutionProvider("XNNPACK", new() { ["intra_op_num_threads"] = threads.ToString(CultureInfo.InvariantCulture) }); break;
            default: throw new NotSupportedException("ModelGate does not know how.");
        }
    }
}
