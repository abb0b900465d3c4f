using System.Runtime.InteropServices;
using ModelGate.Measuring;

namespace ModelGate.Tool;

/// <summary>What lies beside the tool: its worker, and the ONNX Runtime it carries where its package has one.</summary>
internal static class ToolFiles
{
    /// <summary>Version of this tool, without build metadata.</summary>
    public const string Version = ThisBuild.Version;

    /// <summary>The folder the tool was installed into.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Full paths of what judges and times: where one of them changes, nothing that was judged before may be cited.</summary>
    public static IReadOnlyList<string> Assemblies => [Path.Combine(Folder, "modelgate.dll"), Path.Combine(Folder, "ModelGate.Core.dll"), Path.Combine(Folder, "worker", "modelgate-worker.dll")];

    /// <summary>Full path of the folder with the versions of .NET that this tool may run on (ROOT/shared/Microsoft.NETCore.App), since compressed sizes may differ between them; null where it is native code.</summary>
    public static string? Runtimes => Path.GetDirectoryName(RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/', '\\')) is { } folder && Path.GetFileName(folder) == "Microsoft.NETCore.App" ? folder : null;

    /// <summary>How to start the worker that lies beside the tool.</summary>
    public static WorkerHost WorkerHost() => Measuring.WorkerHost.Of(Path.Combine(Folder, "worker", "modelgate-worker.dll"));

    /// <summary>The ONNX Runtime that this tool's package carries, or why it carries none.</summary>
    public static RuntimeSearch BundledRuntime() => RuntimeOfFolder.Bundled(Path.Combine(Folder, "onnxruntime"), RuntimeIdentifiers.OfThisProcess);
}
