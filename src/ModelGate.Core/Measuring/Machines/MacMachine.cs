using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace ModelGate.Measuring;

/// <summary>What only macOS tells of itself.</summary>
[SupportedOSPlatform("macos")]
internal static partial class MacMachine
{
    /// <summary>The CPU model, such as "Apple M2"; empty where the system does not tell.</summary>
    public static string CpuName()
    {
        byte[] name = new byte[256];
        nint bytes = name.Length;
        return SystemControl("machdep.cpu.brand_string", name, ref bytes, 0, 0) == 0 && bytes > 0
            ? Encoding.UTF8.GetString(name, 0, (int)bytes - 1)
            : "";
    }

    /// <summary>Instruction sets of Apple's own processors that .NET has no property for.</summary>
    public static IEnumerable<string> Features()
    {
        foreach (string feature in (string[])["FP16", "BF16", "I8MM", "SME"])
        {
            if (Number("hw.optional.arm.FEAT_" + feature) == 1)
                yield return feature.ToLowerInvariant();
        }
    }

    private static int Number(string name)
    {
        byte[] value = new byte[sizeof(int)];
        nint bytes = value.Length;
        return SystemControl(name, value, ref bytes, 0, 0) == 0 && bytes == value.Length ? BitConverter.ToInt32(value) : 0;
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SystemControl(string name, [Out] byte[] value, ref nint bytes, nint newValue, nint newBytes);
}
