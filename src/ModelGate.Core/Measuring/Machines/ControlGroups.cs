using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>The share of the processors that Linux's control groups allow a process: what containers and services are limited with.</summary>
public static class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>Processors that the tightest quota allows, of the process's own group and of those above it; may be fractional, null for no limit.</summary>
    /// <param name="read">Text of a file; empty where there is none.</param>
    public static double? Quota(Func<string, string> read)
    {
        double? tightest = null;
        foreach (string folder in FoldersOf(read("/proc/self/cgroup")))
        {
            if (QuotaOf(read(folder + "/cpu.max"), read(folder + "/cpu.cfs_quota_us"), read(folder + "/cpu.cfs_period_us")) is { } quota && !(tightest <= quota))
                tightest = quota;
        }

        return tightest;
    }

    /// <summary>The folders of a process's groups and of all above them. Within a container they may not exist: there the outermost is the container's.</summary>
    /// <param name="groups">Text of <c>/proc/self/cgroup</c>: lines of id, controllers and path (version 2: <c>0::/path</c>).</param>
    public static IEnumerable<string> FoldersOf(string groups)
    {
        foreach (string line in groups.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(':', 3);
            if (fields.Length < 3 || (fields[1].Length > 0 && !fields[1].Split(',').Contains("cpu")))
                continue;
            string mount = fields[1].Length == 0 ? Root : $"{Root}/cpu";
            for (string path = fields[2].TrimEnd('/'); path.Length > 0; path = path[..path.LastIndexOf('/')])
                yield return mount + path;
            yield return mount;
        }
    }

    /// <summary>Processors that one group's quota allows.</summary>
    /// <param name="version2">Text of <c>cpu.max</c> (version 2: quota and period, or <c>max</c>); empty where there is none.</param>
    /// <param name="quota">Text of <c>cpu.cfs_quota_us</c> (version 1: -1 for none); empty where there is none.</param>
    /// <param name="period">Text of <c>cpu.cfs_period_us</c>.</param>
    /// <returns>Processors, may be fractional; null for no limit.</returns>
    public static double? QuotaOf(string version2, string quota, string period)
    {
        string[] fields = version2.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields is [var max, var per] ? Ratio(max, per) : Ratio(quota.Trim(), period.Trim());
    }

    private static double? Ratio(string quota, string period) =>
        double.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out double of)
        && double.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out double per) && of > 0 && per > 0 ? of / per : null;
}
