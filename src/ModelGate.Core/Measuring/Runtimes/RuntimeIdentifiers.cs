using System.Runtime.InteropServices;

namespace ModelGate.Measuring;

/// <summary>Which native libraries run here, by the RID of their folder.</summary>
public static class RuntimeIdentifiers
{
    /// <summary>The portable RID of this process, such as <c>linux-x64</c>.</summary>
    public static string OfThisProcess => Portable(RuntimeInformation.RuntimeIdentifier);

    /// <summary>
    /// The portable form of a RID: <c>osx.10.14-arm64</c> is <c>osx-arm64</c>, <c>ubuntu.24.04-x64</c> is <c>linux-x64</c>. musl stays
    /// musl: a library built for glibc loads there only by accident.
    /// </summary>
    public static string Portable(string rid)
    {
        int dash = rid.LastIndexOf('-');
        return dash < 0 ? rid : Family(rid[..dash]) + rid[dash..];
    }

    /// <summary>File name of ONNX Runtime's native library on a system.</summary>
    public static string LibraryOf(string rid) =>
        rid.StartsWith("win", StringComparison.Ordinal) ? "onnxruntime.dll" : rid.StartsWith("osx", StringComparison.Ordinal) ? "libonnxruntime.dylib" : "libonnxruntime.so";

    private static string Family(string system) => system.Split('.', '-')[0] switch
    {
        "win" or "win10" or "win81" or "win7" => "win",
        "osx" => "osx",
        "alpine" => "linux-musl",
        "linux" or "ubuntu" or "debian" or "rhel" or "fedora" => system.Contains("musl", StringComparison.Ordinal) ? "linux-musl" : "linux",
        var other => other,
    };
}
