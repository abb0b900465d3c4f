using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace ModelGate.Measuring;

/// <summary>What only Windows tells of itself.</summary>
[SupportedOSPlatform("windows")]
internal static partial class WindowsMachine
{
    private const nint LocalMachine = unchecked((int)0x80000002);
    private const uint AsText = 2;

    /// <summary>The CPU model, from where the system writes it at every start; empty where it is not there.</summary>
    public static string CpuName()
    {
        char[] name = new char[256];
        int bytes = name.Length * sizeof(char);
        return GetValue(LocalMachine, @"HARDWARE\DESCRIPTION\System\CentralProcessor\0", "ProcessorNameString", AsText, 0, name, ref bytes) == 0
            ? new string(name, 0, (bytes / sizeof(char)) - 1)
            : "";
    }

    [LibraryImport("advapi32", EntryPoint = "RegGetValueW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetValue(nint key, string subKey, string value, uint flags, nint type, [Out] char[] data, ref int bytes);
}
