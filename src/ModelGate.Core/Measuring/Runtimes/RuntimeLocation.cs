using NuGet.Versioning;

namespace ModelGate.Measuring;

/// <summary>An ONNX Runtime on this machine, ready to be loaded.</summary>
/// <param name="Package">The package it came from with its version, "bundled", or the folder that was named.</param>
/// <param name="Version">The version its package says; null where only loading it tells.</param>
/// <param name="ManagedFolders">Folders that hold the binding and what it needs.</param>
/// <param name="NativeFolders">Folders that hold the native library and what it needs.</param>
public sealed record RuntimeLocation(string Package, NuGetVersion? Version, IReadOnlyList<string> ManagedFolders, IReadOnlyList<string> NativeFolders);

/// <summary>What looking for a runtime led to: a location, or why there is none.</summary>
/// <param name="Location">The runtime; null where there is none to be used.</param>
/// <param name="Failure">Why there is none; null where there is one.</param>
public sealed record RuntimeSearch(RuntimeLocation? Location, WorkerFailure? Failure)
{
    /// <summary>There is one.</summary>
    public static RuntimeSearch Found(RuntimeLocation location) => new(location, null);

    /// <summary>There is none.</summary>
    public static RuntimeSearch Failed(DiagnosticKind kind, string reason) => new(null, new(kind, reason));
}
