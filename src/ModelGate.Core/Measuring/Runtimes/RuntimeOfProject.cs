using System.Text.Json;
using NuGet.Versioning;

namespace ModelGate.Measuring;

/// <summary>
/// Finds the ONNX Runtime that a project's restore resolved, directly or through other packages, whether or not its files flow to the
/// project's output. Read from project.assets.json, because MSBuild's items lose packages whose assets are excluded.
/// </summary>
public static class RuntimeOfProject
{
    private const string Id = "Microsoft.ML.OnnxRuntime", Binding = Id + ".dll", Tensors = "System.Numerics.Tensors";

    /// <summary>Reads an assets file.</summary>
    /// <param name="assetsFile">Path of project.assets.json.</param>
    /// <param name="framework">Target framework as the project writes it, such as <c>net10.0</c>.</param>
    /// <param name="projectRid">The project's RuntimeIdentifier; empty for none.</param>
    /// <param name="rid">Portable RID of this machine, on which models are timed.</param>
    public static RuntimeSearch Read(string assetsFile, string framework, string projectRid, string rid)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(assetsFile));
            return Search(json.RootElement, framework, projectRid, rid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return RuntimeSearch.Failed(Diagnostics.RuntimeMissing, $"'{assetsFile}' cannot be read, so it is not known which ONNX Runtime the project uses. Restore the project (`dotnet restore`).");
        }
    }

    private static RuntimeSearch Search(JsonElement root, string framework, string projectRid, string rid)
    {
        if (Target(root, framework, projectRid) is not { } target)
            return RuntimeSearch.Failed(Diagnostics.RuntimeMissing, $"the project's assets file knows no target '{framework}'. Restore the project (`dotnet restore`).");

        string[] roots = [.. root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
        Package[] packages =
        [
            .. target.EnumerateObject()
                .Where(entry => IsOurs(entry.Name) || entry.Name.StartsWith(Tensors + "/", StringComparison.OrdinalIgnoreCase))
                .Select(entry => Package.Of(entry, root.GetProperty("libraries"), roots)).OfType<Package>(),
        ];
        Package[] named = [.. packages.Where(package => IsOurs(package.Id + "/"))];
        if (named.Length == 0)
            return RuntimeSearch.Failed(Diagnostics.RuntimeMissing,
                $"the project resolves no ONNX Runtime. Add <PackageReference Include=\"{Id}\" Version=\"…\" /> (with ExcludeAssets=\"all\" where the app itself does not need it).");

        string library = RuntimeIdentifiers.LibraryOf(rid);
        Package[] native = [.. named.Where(package => package.NativeFolder(rid, library) is not null)];
        if (native.Length == 0)
            return RuntimeSearch.Failed(Diagnostics.RuntimeUnusable,
                $"{string.Join(", ", named.Select(package => $"{package.Id} {package.Version}"))}, which the project resolves, has no {library} for {rid}. Build for a platform that it serves, or reference a package that has one, such as {Id}.");
        if (native.Length > 1)
            return RuntimeSearch.Failed(Diagnostics.RuntimeUnusable,
                $"the project resolves several ONNX Runtimes, and only one can be timed: {string.Join(", ", native.Select(package => $"{package.Id} {package.Version}"))}. Keep one of them.");

        string[] managed = [.. named.Select(package => package.ManagedFolder(Binding)).OfType<string>().Take(1)];
        if (managed.Length == 0)
            return RuntimeSearch.Failed(Diagnostics.RuntimeUnusable, $"{native[0].Id} {native[0].Version} comes without {Binding}. Restore the project's packages again.");

        // What the binding itself was compiled against, where the project has it.
        var needed = packages.Where(package => !IsOurs(package.Id + "/")).Select(package => package.ManagedFolder(Tensors + ".dll")).OfType<string>();
        return RuntimeSearch.Found(new(
            $"{native[0].Id} {native[0].Version}", NuGetVersion.TryParse(native[0].Version, out var version) ? version : null,
            [.. managed, .. needed], [native[0].NativeFolder(rid, library)!]));
    }

    // Microsoft.ML.OnnxRuntime/1.29.0 and its flavours (.Gpu, .DirectML, .QNN, .Managed, …), but not Microsoft.ML.OnnxRuntimeGenAI.
    private static bool IsOurs(string entry) =>
        entry.StartsWith(Id, StringComparison.OrdinalIgnoreCase) && entry.Length > Id.Length && entry[Id.Length] is '/' or '.';

    private static JsonElement? Target(JsonElement root, string framework, string projectRid)
    {
        string[] frameworks = [framework, .. FullNames(root, framework), TargetFrameworks.LongName(framework)];
        string[] keys = projectRid.Length == 0 ? frameworks : [.. frameworks.Select(name => $"{name}/{projectRid}"), .. frameworks];
        var targets = root.GetProperty("targets");
        foreach (string key in keys)
        {
            if (targets.TryGetProperty(key, out var target))
                return target;
        }

        return null;
    }

    // Before version 4 of the file, net10.0-windows goes by net10.0-windows7.0: what the project writes is kept as an alias.
    private static IEnumerable<string> FullNames(JsonElement root, string framework) =>
        root.TryGetProperty("project", out var project) && project.TryGetProperty("frameworks", out var frameworks)
            ? frameworks.EnumerateObject().Where(each => each.Value.TryGetProperty("targetAlias", out var alias) && alias.ValueEquals(framework)).Select(each => each.Name)
            : [];

    /// <summary>A package of the resolved graph.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Folder">Where it is unpacked.</param>
    /// <param name="Files">Its files, with forward slashes, as the package has them.</param>
    /// <param name="Assets">The files that NuGet chose for the target; excluded ones read <c>FOLDER/_._</c>.</param>
    private sealed record Package(string Id, string Version, string Folder, string[] Files, string[] Assets)
    {
        public static Package? Of(JsonProperty entry, JsonElement libraries, string[] roots)
        {
            int slash = entry.Name.IndexOf('/', StringComparison.Ordinal);
            var library = libraries.GetProperty(entry.Name);
            if (slash < 0 || !library.TryGetProperty("path", out var path) || !library.TryGetProperty("files", out var files))
                return null; // a project, not a package
            return roots.Select(root => Path.Combine(root, path.GetString()!)).FirstOrDefault(Directory.Exists) is { } folder
                ? new(entry.Name[..slash], entry.Name[(slash + 1)..], folder, [.. files.EnumerateArray().Select(file => file.GetString()!)], [.. Chosen(entry.Value, "runtime"), .. Chosen(entry.Value, "compile")])
                : null;
        }

        public string? NativeFolder(string rid, string library)
        {
            foreach (string file in Files)
            {
                if (file.Split('/') is ["runtimes", var of, "native", var name] && name.Equals(library, StringComparison.OrdinalIgnoreCase) && RuntimeIdentifiers.Portable(of) == rid)
                    return Path.Combine(Folder, "runtimes", of, "native");
            }

            return null;
        }

        // An excluded asset is listed as "_._" in the very folder that NuGet chose. Where it chose none, the best folder for the worker serves.
        public string? ManagedFolder(string library)
        {
            string[] having = [.. Files.Where(file => file.StartsWith("lib/", StringComparison.Ordinal) && file.EndsWith("/" + library, StringComparison.OrdinalIgnoreCase)).Select(file => file[..file.LastIndexOf('/')])];
            string? chosen = Assets.Select(asset => asset[..Math.Max(0, asset.LastIndexOf('/'))]).FirstOrDefault(folder => having.Contains(folder) && TargetFrameworks.IsUsable(folder["lib/".Length..]))
                ?? having.OrderBy(folder => TargetFrameworks.Preference(folder["lib/".Length..])).FirstOrDefault();
            return chosen is null ? null : Path.Combine(Folder, chosen.Replace('/', Path.DirectorySeparatorChar));
        }

        private static IEnumerable<string> Chosen(JsonElement package, string group) =>
            package.TryGetProperty(group, out var files) ? files.EnumerateObject().Select(file => file.Name) : [];
    }
}
