using System.Diagnostics;
using System.Text.Json;

// Stands in for the worker and goes wrong in the way that the "model" of its order names.
using var order = JsonDocument.Parse(Console.ReadLine()!);
string token = order.RootElement.GetProperty("token").GetString()!;
switch (order.RootElement.GetProperty("model").GetString())
{
    case "segfault":
        unsafe
        {
            // In native code: in managed code the runtime would turn it into an exception.
            ((delegate* unmanaged<void>)8)();
        }

        break;
    case "abort":
        Environment.FailFast("it gave up");
        break;
    case "silent":
        return 0;
    case "exit 7":
        Console.Error.WriteLine("something\u001b[31m went\nwrong");
        return 7;
    case "killed":
        Process.GetCurrentProcess().Kill();
        break;
    case "hang":
        Thread.Sleep(Timeout.Infinite);
        break;
    case "closes its output and hangs":
        Console.OpenStandardOutput().Close();
        Thread.Sleep(Timeout.Infinite);
        break;
    case "leaves a child that holds its output":
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { "exec", typeof(Program).Assembly.Location }, RedirectStandardInput = true });
        return 0;
    case "floods memory":
        List<byte[]> all = [];
        while (true)
        {
            byte[] block = new byte[8 << 20];
            block.AsSpan().Fill(1);
            all.Add(block);
            Thread.Sleep(5);
        }

    case "spews a line without end":
        using (var output = Console.OpenStandardOutput())
        {
            byte[] garbage = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
                output.Write(garbage);
        }

        return 0;
    case "garbage around the result":
        Console.Write("no line break here{\"step\":\"failed\"}");
        Say("""{"step":"runtime","version":"1.29.0","build":"test"}""");
        Console.Write("printf from native code");
        Say("""{"step":"ready","sessionCreation":0.02,"firstInference":0.01,"preparation":0}""");
        Console.Write("more");
        Say("""{"step":"done","peakRss":1000}""");
        break;
    case "nonsense":
        Say("""{"step":"done","runs":[-1]}""");
        break;
    case "not json":
        Say("{");
        break;
    case "slow":
        Say("""{"step":"runtime","version":"1.29.0"}""");
        Say("""{"step":"ready","sessionCreation":0.02,"firstInference":20,"preparation":0}""");
        Say("""{"step":"warm","runTime":20}""");
        Thread.Sleep(Timeout.Infinite);
        break;
    case "old runtime":
        Say("""{"step":"runtime","version":"1.15.1"}""");
        Say("""{"step":"failed","code":"MG4003","reason":"a method is missing"}""");
        break;
    case "long words":
        Say($$"""{"step":"failed","code":"MG4009","reason":"Write this. The runtime said: {{string.Concat(Enumerable.Repeat("word\\n", 1000))}}"}""");
        break;
    case "steady":
        Steady("0.02");
        break;
    case "compared, and says who came first":
        var against = order.RootElement.GetProperty("against");
        File.AppendAllText(against.GetProperty("model").GetString()!, against.TryGetProperty("isCreatedFirst", out var first) && first.GetBoolean() ? "B" : "A");
        Steady("0.02", baseline: "0.01");
        break;
    case "compared slowly":
        Thread.Sleep(3000);
        Steady("0.02", baseline: "0.01");
        break;
    case "compares without end":
        Say("""{"step":"runtime","version":"1.29.0","build":"test"}""");
        for (int samples = 1000; ; samples += 1000)
        {
            Say($$"""{"step":"comparing","samples":{{samples}},"allSamples":25000000}""");
            Thread.Sleep(600);
        }

    case "has a provider that does not start":
        Say("""{"step":"runtime","version":"1.29.0","build":"test"}""");
        Say("""{"step":"failed","code":"MG4016","reason":"the execution provider 'cuda' does not start here: no device"}""");
        break;
    case "runs on two providers" or "runs on the CPU, whatever is asked":
        if (order.RootElement.TryGetProperty("profile", out var profile))
        {
            const string EndOfRun = """{"cat" : "Session","dur" :900,"ts" :100,"name" :"model_run","args" : {}},""";
            string run = string.Join('\n', Event("conv", "Conv", order.RootElement.GetProperty("model").GetString() == "runs on two providers" ? "CUDAExecutionProvider" : "CPUExecutionProvider", 30), Event("after", "Relu", "CPUExecutionProvider", 10), EndOfRun);
            File.WriteAllText(profile.GetProperty("prefix").GetString() + "_1.json", $"[\n{run}\n{run}\n]");
            Say("""{"step":"runtime","version":"1.29.0","build":"test"}""");
            Say("""{"step":"profiled"}""");
            break;
        }

        Steady("0.02");
        break;
    case "allocates":
        Steady("0.02", allocated: 4096);
        break;
    default:
        return 2;
}

return 0;

void Say(string message)
{
    Console.Write($"\n{token}{message}\n");
    Console.Out.Flush();
}

static string Event(string name, string @operator, string provider, int duration) =>
    $$$"""{"cat" : "Node","dur" :{{{duration}}},"ts" :{{{1000 - duration}}},"name" :"{{{name}}}_kernel_time","args" : {"provider" : "{{{provider}}}","op_name" : "{{{@operator}}}","output_type_shape" : [],"input_type_shape" : [],"node_index" : "0"}},""";

void Steady(string run, int allocated = 0, string? baseline = null)
{
    Say("""{"step":"runtime","version":"1.29.0","build":"test"}""");
    Say($$"""{"step":"ready","sessionCreation":0.1,"firstInference":{{run}},"preparation":0}""");
    if (!order.RootElement.TryGetProperty("timesRuns", out _))
    {
        Say("""{"step":"done","peakRss":1048576}""");
        return;
    }

    Say($$"""{"step":"warm","runTime":{{run}}}""");
    using var runs = JsonDocument.Parse(Console.ReadLine()!);
    Say($$"""{"step":"done","peakRss":1048576,"allocated":{{allocated}},"runs":[{{Times(run)}}]{{(baseline is null ? "" : $",\"baselineRuns\":[{Times(baseline)}]")}}}""");

    string Times(string time) => string.Join(',', Enumerable.Repeat(time, runs.RootElement.GetProperty("count").GetInt32()));
}
