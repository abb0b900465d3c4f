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

    /// <summary>The power scheme in force, such as "balanced" or "high performance"; its identifier where it is none of the system's own, null where it is not told.</summary>
    public static string? PowerScheme()
    {
        if (GetActiveScheme(0, out nint scheme) != 0)
            return null;
        var identifier = Marshal.PtrToStructure<Guid>(scheme);
        _ = Free(scheme);
        return identifier.ToString("D") switch
        {
            "381b4222-f694-41f0-9685-ff5bb260df2e" => "balanced",
            "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c" => "high performance",
            "a1841308-3541-4fab-bc81-f71556f20b4a" => "power saver",
            "e9a42b02-d5df-448d-aa00-03f14749eb61" => "ultimate performance",
            var own => own,
        };
    }

    /// <summary>True where an Arm processor has the instructions for dot products of bytes.</summary>
    public static bool HasDotProduct()
    {
        const uint DotProductOfArmV82 = 43;
        return HasFeature(DotProductOfArmV82);
    }

    /// <summary>The state components of the processor that the system keeps for programs, as in the register XCR0.</summary>
    [LibraryImport("kernel32", EntryPoint = "GetEnabledXStateFeatures")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial ulong EnabledFeatures();

    [LibraryImport("powrprof", EntryPoint = "PowerGetActiveScheme")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetActiveScheme(nint rootPowerKey, out nint scheme);

    [LibraryImport("kernel32", EntryPoint = "LocalFree")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint Free(nint memory);

    [LibraryImport("kernel32", EntryPoint = "IsProcessorFeaturePresent")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool HasFeature(uint feature);

    [LibraryImport("advapi32", EntryPoint = "RegGetValueW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetValue(nint key, string subKey, string value, uint flags, nint type, [Out] char[] data, ref int bytes);
}
