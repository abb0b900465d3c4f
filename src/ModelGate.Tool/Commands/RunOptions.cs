using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Tool.Commands;

/// <summary>The options of every command that runs models: with which runtime, how long, how, and on what.</summary>
internal sealed class RunOptions
{
    private const double LongestTime = 86_400; // as in a policy

    private readonly Option<string?> runtime = new("--runtime") { Description = "Folder of the ONNX Runtime to run with, such as an app's output folder; by default the one this tool carries.", HelpName = "DIR" };
    private readonly Option<double> maxTime;
    private readonly Option<int> threads = new("--threads") { Description = "Threads within an operator.", HelpName = "NUMBER", DefaultValueFactory = _ => 1, CustomParser = static result => Whole(result, "--threads", 1, 1024) };
    private readonly Option<string[]> providers = new("--provider") { Description = "Execution provider to run it on, by default cpu; where it stands more than once, preferred first.", HelpName = "NAME", AllowMultipleArgumentsPerToken = false };
    private readonly Option<bool> noFallback = new("--no-fallback") { Description = "With --provider: fail where a node runs on another one." };
    private readonly Option<string[]> dimensions = new("--dim") { Description = "Size of an open dimension, such as seq=128; may stand more than once.", HelpName = "NAME=SIZE", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> shapes = new("--shape") { Description = "Shape of an input, such as pixels=1,3,224,224, for dimensions that have no name; may stand more than once.", HelpName = "INPUT=SIZES", AllowMultipleArgumentsPerToken = false };

    private readonly Option<string[]> ranges = new("--range") { Description = "Values of an input, such as ids=0,999 or, where one decides what runs, sr=16000; may stand more than once.", HelpName = "INPUT=LOW,HIGH", AllowMultipleArgumentsPerToken = false };

    /// <summary>Makes the options.</summary>
    /// <param name="what">What the time is given for, in the words of the help.</param>
    public RunOptions(string what = "it may take")
    {
        maxTime = new("--max-time") { Description = $"How long {what}, such as 90s or 2min; by default 60s.", HelpName = "TIME", CustomParser = static result => Parse(result, "--max-time", Unit.Seconds) };
        providers.AcceptOnlyFromAmong([.. ExecutionProvider.Names]);
        dimensions.Validators.Add(static result => CheckEach(result, static text => SweepText.Dimension(text) is not null, "--dim is NAME=SIZE, such as seq=128."));
        dimensions.Validators.Add(static result => CheckOnce(result, static text => SweepText.Dimension(text)?.Name));
        shapes.Validators.Add(static result => CheckEach(result, static text => SweepText.Shape(text) is not null, "--shape is INPUT=SIZE,SIZE, such as pixels=1,3,224,224."));
        shapes.Validators.Add(static result => CheckOnce(result, static text => SweepText.Shape(text)?.Name));
        ranges.Validators.Add(static result => CheckEach(result, static text => SweepText.Range(text) is not null, "--range is INPUT=LOW,HIGH, such as ids=0,999."));
        ranges.Validators.Add(static result => CheckOnce(result, static text => SweepText.Range(text)?.Name));
    }

    /// <summary>True where a command line gives a dimension a size.</summary>
    public bool Fixes(CommandResult result, string dimension) => result.GetValue(dimensions)?.Any(text => SweepText.Dimension(text)?.Name == dimension) == true;

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[runtime, maxTime, providers, noFallback, threads, dimensions, shapes, ranges])
            command.Add(option);
    }

    /// <summary>How models are timed where no policy says it.</summary>
    public Benchmark Benchmark(ParseResult parsed) => Benchmark(parsed, new());

    /// <summary>How models are timed: as a policy says, but for the options that were given.</summary>
    public Benchmark Benchmark(ParseResult parsed, Benchmark ofPolicy) => ofPolicy with
    {
        Providers = parsed.GetValue(providers) is { Length: > 0 } names ? [.. names.Distinct().Select(name => ExecutionProvider.Find(name)!)] : ofPolicy.Providers,
        AllowsFallback = ofPolicy.AllowsFallback && !parsed.GetValue(noFallback),
        IntraOpThreads = IsGiven(parsed, threads) ? parsed.GetValue(threads) : ofPolicy.IntraOpThreads,
        MaxTime = IsGiven(parsed, maxTime) ? parsed.GetValue(maxTime) : ofPolicy.MaxTime,
    };

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>How inputs are made: as a policy says, but for the shapes and ranges that were given; data of another shape or range is not fed then.</summary>
    public IReadOnlyList<WorkerInput> Inputs(ParseResult parsed, IReadOnlyList<WorkerInput> ofPolicy)
    {
        WorkerInput[] shaped = [.. parsed.GetValue(shapes)?.Select(text => SweepText.Shape(text)!) ?? []], ranged = [.. parsed.GetValue(ranges)?.Select(text => SweepText.Range(text)!) ?? []];
        WorkerInput[] given =
        [
            .. shaped.Select(input => ranged.FirstOrDefault(one => one.Name == input.Name) is { } range ? input with { Low = range.Low, High = range.High } : input),
            .. ranged.Where(range => !Array.Exists(shaped, input => input.Name == range.Name)),
        ];
        return
        [
            .. ofPolicy.Select(input => Array.Find(given, one => one.Name == input.Name) is { } said ? input with { Shape = said.Shape ?? input.Shape, Low = said.Low ?? input.Low, High = said.High ?? input.High, Data = null } : input),
            .. given.Where(said => ofPolicy.All(input => input.Name != said.Name)),
        ];
    }

    /// <summary>The runtime of a folder, or the one that the tool carries.</summary>
    public static RuntimeSearch FindRuntime(string? folder) => folder is null ? ToolFiles.BundledRuntime() : RuntimeOfFolder.Named(folder, RuntimeIdentifiers.OfThisProcess);

    /// <summary>How a model is run as these options say.</summary>
    public LatencyRequest RequestFor(ParseResult parsed, ModelFile model) => new()
    {
        Model = Path.GetFullPath(model.Path),
        Structure = model,
        Metrics = [],
        Runtime = FindRuntime(parsed.GetValue(runtime)),
        Benchmark = Benchmark(parsed),
        Dimensions = [.. parsed.GetValue(dimensions)?.Select(text => SweepText.Dimension(text)!) ?? []],
        Inputs = Inputs(parsed, []),
    };

    /// <summary>Refuses an option one of whose values is not right.</summary>
    public static void CheckEach(OptionResult result, Func<string, bool> isRight, string otherwise)
    {
        if (!result.Tokens.All(token => isRight(token.Value)))
            result.AddError(otherwise);
    }

    // Which of two sizes is meant cannot be known.
    private static void CheckOnce(OptionResult result, Func<string, string?> nameOf)
    {
        var repeated = result.Tokens.GroupBy(token => nameOf(token.Value)).FirstOrDefault(static group => group.Key is not null && group.Count() > 1);
        if (repeated is not null)
            result.AddError($"{result.Option.Name} says twice what {repeated.Key} is.");
    }

    /// <summary>Reads a whole number. The parser's own reading of one that is too large for its type fails where its value is asked for.</summary>
    public static int Whole(ArgumentResult result, string option, int least, int most)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        result.AddError(FormattableString.Invariant($"{option} is a number from {least} to {most}."));
        return least;
    }

    /// <summary>Reads a quantity with its unit.</summary>
    public static double Parse(ArgumentResult result, string option, Unit unit)
    {
        if (Quantity.TryParse(string.Join(' ', result.Tokens.Select(token => token.Value)), unit, out double value, out string? error) && (unit == Unit.Share || value is > 0 and <= LongestTime))
            return value;
        result.AddError(error is null ? $"{option} must be more than 0 s, and at most a day." : $"{option}: {error}.");
        return 0;
    }
}
