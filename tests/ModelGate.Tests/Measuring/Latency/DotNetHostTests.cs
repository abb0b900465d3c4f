using System.Runtime.InteropServices;
using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Latency;

[TestClass]
public sealed class DotNetHostTests
{
    private static readonly string Root = OperatingSystem.IsWindows() ? @"C:\" : "/";
    private readonly Dictionary<string, string> variables = [];
    private readonly Dictionary<string, string> registrations = [];
    private readonly HashSet<string> hosts = [];

    [TestMethod]
    public void A_managed_process_starts_workers_with_the_host_that_runs_it_whatever_the_environment_says()
    {
        variables["DOTNET_ROOT"] = Folder("elsewhere");
        string host = Host("opt", "dotnet");
        Host("elsewhere");

        Assert.AreEqual(host, Finder().OfRuntime(Path.Combine(Folder("opt", "dotnet"), "shared", "Microsoft.NETCore.App", "10.0.12") + Path.DirectorySeparatorChar));
        Assert.IsTrue(File.Exists(DotNetHost.OfThisProcess()));
    }

    [TestMethod]
    public void A_folder_that_is_no_shared_framework_has_no_host()
    {
        Assert.IsNull(Finder().OfRuntime(Folder("home", "me", ".dotnet", "tools")));
        Assert.IsNull(Finder().OfRuntime(Root));
    }

    [TestMethod]
    public void A_native_process_looks_where_any_program_would_for_its_architecture_first()
    {
        variables["DOTNET_ROOT"] = Folder("general");
        variables["DOTNET_ROOT_ARM64"] = Folder("arm");
        string general = Host("general"), arm = Host("arm");

        Assert.AreEqual(arm, Finder().OfMachine(Architecture.Arm64));
        Assert.AreEqual(general, Finder().OfMachine(Architecture.X64));
    }

    [TestMethod]
    public void A_variable_that_names_a_folder_without_a_host_is_passed_over()
    {
        variables["DOTNET_ROOT"] = Folder("gone");
        variables["PATH"] = string.Join(Path.PathSeparator, "", "bin", Folder("bin"));
        string host = Host("bin");
        hosts.Add(Path.Combine("bin", Name));

        Assert.AreEqual(host, Finder().OfMachine(Architecture.X64), "and so is a folder of the PATH that is relative to whatever folder the tool runs in");
    }

    [TestMethod]
    public void Where_the_installation_is_registered_goes_before_the_usual_folders()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("registered in files only elsewhere");
        registrations["/etc/dotnet/install_location"] = "/srv/dotnet";
        hosts.UnionWith(["/srv/dotnet/dotnet", "/usr/share/dotnet/dotnet", "/usr/local/share/dotnet/dotnet"]);

        Assert.AreEqual("/srv/dotnet/dotnet", Finder().OfMachine(Architecture.X64));
        registrations.Clear();
        Assert.AreEqual(OperatingSystem.IsMacOS() ? "/usr/local/share/dotnet/dotnet" : "/usr/share/dotnet/dotnet", Finder().OfMachine(Architecture.X64));
    }

    [TestMethod]
    public void Where_there_is_none_it_says_so() => Assert.IsNull(Finder().OfMachine(Architecture.X64));

    private static string Name => OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    private static string Folder(params string[] parts) => Path.Combine([Root, .. parts]);

    private string Host(params string[] folder)
    {
        string host = Path.Combine(Folder(folder), Name);
        hosts.Add(host);
        return host;
    }

    private DotNetHost Finder() => new(variables.GetValueOrDefault, hosts.Contains, registrations.GetValueOrDefault);
}
