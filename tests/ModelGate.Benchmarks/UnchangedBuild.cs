using System.Globalization;
using Microsoft.Build.Logging.StructuredLogger;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;
using Target = Microsoft.Build.Logging.StructuredLogger.Target;

namespace ModelGate.Benchmarks;

/// <summary>What the MSBuild package adds to a build in which nothing changed: its own targets, tasks included, as the build's binary log times them.</summary>
internal static class UnchangedBuild
{
    private const int Builds = 10;
    private const double Most = 10;

    /// <summary>Prints the times; 0 where their median is within what the project promises.</summary>
    public static int Run(TextWriter output)
    {
        try
        {
            using var app = new Consumer();
            app.Project("""<None Include="m.onnx" CopyToOutputDirectory="PreserveNewest" />""").Write("Class.cs", "internal sealed class Class;").Write("modelgate.yml", """
                version: 1
                models: [{ path: m.onnx, budgets: { parameters: 6K, size.on_disk: 25 kB } }]
                """);
            SmallModels.Convolutional().Save(app.PathOf("m.onnx"));
            app.Build().AssertPassed();

            var sample = new Sample("targets of ModelGate.MSBuild");
            for (int build = 0; build < Builds; build++)
            {
                app.Build("--no-restore", "-bl:build.binlog").AssertPassed();
                sample.Add(OwnTargets(app.PathOf("build.binlog")).Sum(target => target.Duration.TotalMilliseconds));
            }

            output.WriteLine(Sample.Head);
            output.WriteLine(sample.Row(sample));
            foreach (var target in OwnTargets(app.PathOf("build.binlog")))
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {target.Duration.TotalMilliseconds:0.0} ms"));
            return sample.Median <= Most ? 0 : 1;
        }
        finally
        {
            Feed.Delete();
        }
    }

    // A target's time holds none of the targets that it depends on: those have run before it starts.
    private static List<Target> OwnTargets(string log)
    {
        List<Target> targets = [];
        BinaryLog.ReadBuild(log).VisitAllChildren<Target>(target =>
        {
            if (target.Name.Contains("ModelGate", StringComparison.Ordinal))
                targets.Add(target);
        });
        return targets;
    }
}
