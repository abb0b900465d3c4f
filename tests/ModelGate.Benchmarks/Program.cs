using BenchmarkDotNet.Running;
using ModelGate.Benchmarks;
using ModelGate.Benchmarks.Study;

// dotnet run -c Release --project tests/ModelGate.Benchmarks -- startup | noop-build | growth | read | read-cost | mutants | study | fidelity | compress | codes | schemes | compress-file | compress-memory
return args switch
{
    ["startup"] => Startup.Run(Console.Out),
    ["noop-build"] => UnchangedBuild.Run(Console.Out),
    ["study", .. var arguments] => LatencyStudy.Run(arguments, Console.Out, Console.Error),
    ["fidelity"] => Fidelity.Run(Console.Out),
    ["growth"] => GrowthStudy.Run(Console.Out),
    ["read"] => BenchmarkRunner.Run<ReadingBenchmarks>().HasCriticalValidationErrors ? 1 : 0,
    ["read-cost", .. var parts] => ReadingCost.Run(parts, Console.Out),
    ["mutants", .. var arguments] => MutantRun.Run(arguments, Console.Out),
    ["compress"] => CompressionSpeed.Run(Console.Out),
    ["codes"] => CodesOfTheRuntime.Run(Console.Out),
    ["compress-file"] => CompressionCommand.Time(installed: false, Console.Out),
    ["compress-file", "installed"] => CompressionCommand.Time(installed: true, Console.Out),
    ["compress-memory"] => CompressionCommand.Memory(Console.Out),
    ["schemes"] => SchemeStudy.Run(Console.Out),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: startup      `modelgate check` of a static policy against an empty console, in one alternating run
               noop-build   what the MSBuild package costs a build in which nothing changed
               growth       whether the growth that is measured is the one that is there
               read         reading the structure of a model (BenchmarkDotNet)
               read-cost    counting 400 MB beside onnx.load of python3-onnx (apt-get install python3-onnx), whole processes on 9.9 GB and 4 MB, passes over weights beside disk and codec; or one of them: counting, processes, contents
               mutants      a hundred thousand damaged files (--count N of each format, --seed S), or with --dense all files built to take memory
               study        how often latency verdicts are wrong: --minutes N records for so long, then the tables of all that is recorded
               fidelity     what the worker's timed run costs beside a raw call of the runtime's C API
               compress     conversions of weights beside a copy of the same bytes
               codes        a hundred million converted values against ONNX Runtime's own operators
               compress-file    `modelgate compress` of 400 MB beside `cp`; `compress-file installed`: of the tool as it is packed and installed
               compress-memory  what `modelgate compress` of 4 GB takes of memory
               schemes      every scheme on every public model (MODELGATE_TEST_MODELS): size, and outputs beside the float model's
        """);
    return 2;
}
