namespace ModelGate.Measuring;

/// <summary>Finds ONNX Runtime in a folder: the tool's own, an app's output, or an unpacked package.</summary>
public static class RuntimeOfFolder
{
    private const string Binding = "Microsoft.ML.OnnxRuntime.dll";
    private const string NameAnother = "Name an app's output folder, or leave --runtime out to use the one that the tool carries.";

    /// <summary>The runtime that the tool carries.</summary>
    /// <param name="folder">Where it would lie: binding and native library side by side.</param>
    /// <param name="rid">Portable RID of this machine.</param>
    public static RuntimeSearch Bundled(string folder, string rid) =>
        File.Exists(Path.Combine(folder, Binding)) && File.Exists(Path.Combine(folder, RuntimeIdentifiers.LibraryOf(rid)))
            ? RuntimeSearch.Found(new("bundled", null, [folder], [folder]))
            : RuntimeSearch.Failed(Diagnostics.RuntimeMissing,
                $"this installation of ModelGate carries no ONNX Runtime for {rid}. Install the tool for this platform, or name a folder that holds one with --runtime DIR.");

    /// <summary>The runtime in a folder that the user names: an app's output or publish folder, or a package's.</summary>
    public static RuntimeSearch Named(string folder, string rid)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            return RuntimeSearch.Failed(Diagnostics.RuntimeMissing, $"there is no folder '{folder}'. {NameAnother}");
        string library = RuntimeIdentifiers.LibraryOf(rid);
        string[] native = [.. NativeFolders(folder, rid).Where(one => File.Exists(Path.Combine(one, library))).Take(1)];
        if (native.Length == 0)
            return RuntimeSearch.Failed(Diagnostics.RuntimeMissing, $"'{folder}' holds no {library} for {rid}, neither itself nor under runtimes/{rid}/native. {NameAnother}");
        string[] managed = [.. ManagedFolders(folder).Where(one => File.Exists(Path.Combine(one, Binding))).Take(1)];
        return managed.Length == 0
            ? RuntimeSearch.Failed(Diagnostics.RuntimeMissing, $"'{folder}' holds no {Binding}, neither itself nor under lib. {NameAnother}")
            : RuntimeSearch.Found(new(folder, null, managed, native));
    }

    private static IEnumerable<string> NativeFolders(string folder, string rid)
    {
        yield return folder;
        yield return Path.Combine(folder, "runtimes", rid, "native");
        foreach (var other in Children(Path.Combine(folder, "runtimes")))
        {
            if (RuntimeIdentifiers.Portable(Path.GetFileName(other)) == rid)
                yield return Path.Combine(other, "native");
        }
    }

    // In the global packages folder the binding lies in the package beside: ID.managed/VERSION.
    private static IEnumerable<string> ManagedFolders(string folder)
    {
        string version = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), package = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? folder;
        string beside = Path.Combine(Path.GetDirectoryName(package) ?? package, "microsoft.ml.onnxruntime.managed", version);
        return [folder, .. LibFolders(folder), .. LibFolders(beside)];
    }

    private static IEnumerable<string> LibFolders(string package) =>
        Children(Path.Combine(package, "lib")).OrderBy(folder => TargetFrameworks.Preference(Path.GetFileName(folder)));

    private static string[] Children(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
}
