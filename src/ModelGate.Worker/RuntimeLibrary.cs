using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;

namespace ModelGate.Worker;

/// <summary>The ONNX Runtime that was loaded.</summary>
/// <param name="Version">Its version, as the native library says.</param>
/// <param name="Build">Its build information, as the native library says; empty where it has none.</param>
internal sealed record RuntimeLibrary(string Version, string Build)
{
    private const string Binding = "Microsoft.ML.OnnxRuntime", Library = "onnxruntime";

    // OrtApi of version 16: the number of functions before GetBuildInfoString. The table is only ever appended to.
    private const uint ApiVersion = 16;
    private const int BuildInfoSlot = 254;

    /// <summary>
    /// Loads the native library and sees to it that the binding is loaded from the folders given, and from nowhere else. To be called
    /// before anything that mentions a type of the binding is compiled.
    /// </summary>
    /// <exception cref="WorkerException">MG4002 where a file is missing, MG4003 where the library cannot be loaded.</exception>
    public static RuntimeLibrary Load(IReadOnlyList<string> managed, IReadOnlyList<string> native)
    {
        string library = Find(native, LibraryFile)
            ?? throw new WorkerException("MG4002", $"there is no {LibraryFile} for {RuntimeInformation.RuntimeIdentifier} in {string.Join(", ", native)}");
        if (Find(managed, Binding + ".dll") is null)
            throw new WorkerException("MG4002", $"there is no {Binding}.dll in {string.Join(", ", managed)}");

        nint handle;
        try
        {
            handle = NativeLibrary.Load(library);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new WorkerException("MG4003", $"{library} cannot be loaded on {RuntimeInformation.RuntimeIdentifier}: {e.Message}");
        }

        var loaded = Describe(handle) ?? throw new WorkerException("MG4003", $"{library} is not ONNX Runtime: it exports no OrtGetApiBase");
        AssemblyLoadContext.Default.Resolving += (context, name) => Resolve(context, name, managed, handle);
        return loaded;
    }

    /// <summary>File name of the native library on this system.</summary>
    public static string LibraryFile =>
        OperatingSystem.IsWindows() ? Library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{Library}.dylib" : $"lib{Library}.so";

    private static string? Find(IReadOnlyList<string> folders, string file) =>
        folders.Select(folder => Path.GetFullPath(Path.Combine(folder, file))).FirstOrDefault(File.Exists);

    private static unsafe RuntimeLibrary? Describe(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out nint getBase))
            return null;
        // struct OrtApiBase { const OrtApi* (*GetApi)(uint32_t); const char* (*GetVersionString)(); }
        nint* apiBase = ((delegate* unmanaged<nint*>)getBase)();
        string version = Text(((delegate* unmanaged<byte*>)apiBase[1])());
        nint* api = ((delegate* unmanaged<uint, nint*>)apiBase[0])(ApiVersion);
        string build = api is null ? "" : Text(((delegate* unmanaged<byte*>)api[BuildInfoSlot])());
        return new(version, build);
    }

    private static unsafe string Text(byte* text) =>
        text is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    // Resolving asks for neither version nor key, and both differ among packages: the binding was 0.0.0.0 before 1.19.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name, IReadOnlyList<string> managed, nint handle)
    {
        if (Find(managed, name.Name + ".dll") is not { } path)
            return null;
        var assembly = context.LoadFromAssemblyPath(path);
        if (name.Name == Binding)
        {
            // On the assembly, since this comes before any default probing: Windows has an onnxruntime.dll of its own in System32.
            NativeLibrary.SetDllImportResolver(assembly, (asked, _, _) => asked.Contains(Library, StringComparison.OrdinalIgnoreCase) ? handle : 0);
            // Newer bindings would set a resolver as well, which throws when there is one.
            assembly.GetType(Binding + ".OrtEnv")?.GetProperty("DisableDllImportResolver", BindingFlags.Public | BindingFlags.Static)?.SetValue(null, true);
        }

        return assembly;
    }
}
