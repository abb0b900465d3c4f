using System.Diagnostics;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>
/// Wall time of a whole process: the installed tool checking a static policy, and a console that does nothing. They alternate,
/// so that whatever else the machine does falls on both, and what counts is the ratio.
/// </summary>
internal static class Startup
{
    private const int WarmUp = 5, Rounds = 40;
    private const double Most = 1.6;

    /// <summary>Prints the table; 0 where the ratio is within what the project promises.</summary>
    public static int Run(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-startup-").FullName;
        try
        {
            string empty = PublishEmptyConsole(Path.Combine(folder, "empty")), tool = InstalledTool.In(folder);
            string policy = WritePolicy(folder);
            Sample console = new("empty console"), check = new("modelgate check, static policy");
            for (int round = -WarmUp; round < Rounds; round++)
            {
                double first = Time(empty, folder), second = Time(tool, folder, "check", policy);
                if (round < 0)
                    continue;
                console.Add(first);
                check.Add(second);
            }

            output.WriteLine(Sample.Head);
            output.WriteLine(console.Row(console));
            output.WriteLine(check.Row(console));
            return check.Median / console.Median <= Most ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Feed.Delete();
        }
    }

    private static double Time(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return process.ExitCode == 0 ? milliseconds : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    private static string PublishEmptyConsole(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "empty.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), "return 0;");
        Command.Dotnet(folder, ["publish", "-c", "Release", "-o", "out", "-v:q", "-nologo"]).AssertPassed();
        return InstalledTool.Executable(Path.Combine(folder, "out"), "empty");
    }

    private static string WritePolicy(string folder)
    {
        SmallModels.Convolutional().Save(Path.Combine(folder, "classifier.onnx"));
        string policy = Path.Combine(folder, "modelgate.yml");
        File.WriteAllText(policy, """
            version: 1
            models:
              - name: classifier
                path: classifier.onnx
                budgets:
                  parameters: 6K
                  size.on_disk: { warn: 23 kB, max: 25 kB }
                  size.weights: 25 kB
            """);
        return policy;
    }
}
