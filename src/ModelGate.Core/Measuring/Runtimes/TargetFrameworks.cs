using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>What has to be known of target framework names to find a package's files.</summary>
internal static class TargetFrameworks
{
    private const int Unusable = int.MaxValue;

    /// <summary>True of a framework whose libraries the worker can load.</summary>
    public static bool IsUsable(string framework) => Preference(framework) != Unusable;

    /// <summary>How well a library for a framework suits the worker: smaller is better.</summary>
    public static int Preference(string framework)
    {
        if (framework.StartsWith("netstandard", StringComparison.Ordinal) && Version(framework["netstandard".Length..]) is { } standard)
            return 3000 - (int)(standard * 10);
        if (framework.StartsWith("netcoreapp", StringComparison.Ordinal) && Version(framework["netcoreapp".Length..]) is { } core)
            return 2000 - (int)(core * 10);
        // net8.0, but neither net472 (.NET Framework) nor net8.0-android (a platform's own binding).
        return framework.StartsWith("net", StringComparison.Ordinal) && framework.Contains('.', StringComparison.Ordinal) && Version(framework["net".Length..]) is { } modern && modern <= Environment.Version.Major
            ? 1000 - (int)(modern * 10)
            : Unusable;
    }

    /// <summary>The name that project.assets.json gives a framework older than .NET 5; the short name for all others.</summary>
    public static string LongName(string framework)
    {
        if (framework.StartsWith("netstandard", StringComparison.Ordinal))
            return ".NETStandard,Version=v" + framework["netstandard".Length..];
        if (framework.StartsWith("netcoreapp", StringComparison.Ordinal))
            return ".NETCoreApp,Version=v" + framework["netcoreapp".Length..];
        return framework.StartsWith("net4", StringComparison.Ordinal) && !framework.Contains('.', StringComparison.Ordinal)
            ? ".NETFramework,Version=v" + string.Join('.', framework["net".Length..].ToCharArray())
            : framework;
    }

    private static double? Version(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double version) ? version : null;
}
