using System.CommandLine;

namespace ModelGate.Tool.Commands;

/// <summary>The options of every command that holds outputs against each other: on which inputs.</summary>
internal sealed class SampleOptions
{
    private readonly Option<string?> samples = new("--samples") { Description = "A .npz archive of inputs, one array for each, along whose first dimension stand the samples; `labels` in it are the right classes.", HelpName = "FILE" };
    private readonly Option<int> inputs = new("--inputs") { Description = "Without samples: how many seeded random inputs to make.", HelpName = "NUMBER", DefaultValueFactory = _ => 16, CustomParser = static result => RunOptions.Whole(result, "--inputs", 1, 100_000) };

    /// <summary>Makes the options.</summary>
    public SampleOptions()
    {
        samples.Validators.Add(static result => RunOptions.CheckEach(result, static path => path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase), "--samples takes a .npz archive; numpy.savez writes one."));
        samples.Validators.Add(static result => RunOptions.CheckEach(result, File.Exists, "There is no such file as --samples names."));
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(samples);
        command.Add(inputs);
    }

    /// <summary>Full path of the samples; null where there are none.</summary>
    public string? Samples(ParseResult parsed) => parsed.GetValue(samples) is { } path ? Path.GetFullPath(path) : null;

    /// <summary>Inputs to make where there are no samples.</summary>
    public int Inputs(ParseResult parsed) => parsed.GetValue(inputs);
}
