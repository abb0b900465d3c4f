using BenchmarkDotNet.Running;
using ModelGate.Benchmarks;

// dotnet run -c Release --project tests/ModelGate.Benchmarks -- startup | noop-build | read
return args switch
{
    ["startup"] => Startup.Run(Console.Out),
    ["noop-build"] => UnchangedBuild.Run(Console.Out),
    ["read"] => BenchmarkRunner.Run<ReadingBenchmarks>().HasCriticalValidationErrors ? 1 : 0,
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: startup      `modelgate check` of a static policy against an empty console, in one alternating run
               noop-build   what the MSBuild package costs a build in which nothing changed
               read         reading the structure of a model (BenchmarkDotNet)
        """);
    return 2;
}
