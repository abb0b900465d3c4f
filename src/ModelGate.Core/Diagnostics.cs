namespace ModelGate;

/// <summary>What a diagnostic code means, for <c>modelgate explain</c>, the documentation and the reports.</summary>
/// <param name="Code">Stable identifier: MG1xxx budgets, MG2xxx policy, MG3xxx models, MG4xxx runtime and measurement, MG9xxx internal.</param>
/// <param name="Severity">What it weighs unless the policy says otherwise.</param>
/// <param name="Title">What happened, in a few words.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Fix">What to do next.</param>
public sealed record DiagnosticKind(string Code, Severity Severity, string Title, string Why, string Fix);

/// <summary>Every diagnostic of ModelGate, in one place.</summary>
public static class Diagnostics
{
    // MG1xxx: budgets

    /// <summary>A measured value is beyond its limit.</summary>
    public static readonly DiagnosticKind BudgetBreached = new("MG1001", Severity.Error, "Budget breached",
        "The model is heavier or slower than the team agreed to ship.",
        "Run `modelgate inspect MODEL` to see where the weight is, make the model smaller, or raise the limit in the policy and say why in the commit.");

    /// <summary>A measured value is within its limit but past its warning level.</summary>
    public static readonly DiagnosticKind NearLimit = new("MG1002", Severity.Warning, "Near the limit",
        "The next small growth of the model will fail the build.",
        "Plan a smaller model or a higher limit now, while nothing is blocked. The level is the budget's `warn:` or `defaults.warn_at`.");

    /// <summary>The interval of a measurement straddles the limit.</summary>
    public static readonly DiagnosticKind Inconclusive = new("MG1003", Severity.Warning, "Inconclusive",
        "The measurements cannot tell on which side of the limit the model lies, at the confidence the policy asks for.",
        "Give it more time (`benchmark.max_time`), a quieter machine, or a limit further from the measured value. `benchmark.on_inconclusive` says whether this warns or fails.");

    /// <summary>A budget is not this run's to judge.</summary>
    public static readonly DiagnosticKind Deferred = new("MG1004", Severity.Note, "Deferred",
        "The budget belongs to another machine, door or moment, so this run does not judge it.",
        "Nothing, if another run judges it: make sure that one does.");

    /// <summary>A deployed model is matched by no entry of the policy.</summary>
    public static readonly DiagnosticKind Unmatched = new("MG1005", Severity.Warning, "Model without a budget",
        "A model that no entry matches ships unweighed.",
        "Add an entry for it under `models:`, or say `unmatched: ignore` in the policy.");

    /// <summary>An allowed increase is smaller than what this machine can tell apart.</summary>
    public static readonly DiagnosticKind BelowNoiseFloor = new("MG1006", Severity.Warning, "Increase below the noise floor",
        "A difference that small cannot be told from none here, so an unchanged model would often come out inconclusive.",
        "Write the increase that the message names, or measure on a quieter machine; `modelgate bench MODEL --noise-floor` measures what a machine can tell apart.");

    // MG2xxx: policy and usage

    /// <summary>There is no policy.</summary>
    public static readonly DiagnosticKind PolicyNotFound = new("MG2001", Severity.Error, "Policy not found",
        "Without a policy there is nothing to judge, and nothing judged is not a pass.",
        "Run `modelgate init` to write one, or name it: `modelgate check path/to/modelgate.yml`, `-p:ModelGatePolicy=…`.");

    /// <summary>The policy cannot be read as text.</summary>
    public static readonly DiagnosticKind PolicyUnreadable = new("MG2002", Severity.Error, "Policy cannot be read",
        "The file is missing, locked, too large, or not UTF-8 text.",
        "Save the policy as a UTF-8 text file of at most 256 KiB.");

    /// <summary>The policy is not valid YAML.</summary>
    public static readonly DiagnosticKind PolicySyntax = new("MG2003", Severity.Error, "Not valid YAML",
        "The policy cannot be parsed, so no budget in it can be trusted.",
        "Mend the line that is named; indent with spaces and quote globs.");

    /// <summary>The policy uses a YAML feature that a policy may not use.</summary>
    public static readonly DiagnosticKind PolicyFeature = new("MG2004", Severity.Error, "YAML feature not allowed",
        "Anchors, aliases, merge keys, tags and further documents make a policy hard to review and easy to abuse.",
        "Write the value out where it is used.");

    /// <summary>A key or metric is not known.</summary>
    public static readonly DiagnosticKind UnknownKey = new("MG2005", Severity.Error, "Unknown key",
        "A misspelt key would silently switch a budget off.",
        "Correct the spelling; `modelgate metrics` and `modelgate schema` list what is known.");

    /// <summary>A key or metric belongs to a later version of ModelGate.</summary>
    public static readonly DiagnosticKind LaterVersion = new("MG2006", Severity.Error, "Not in this version",
        "This version of ModelGate cannot judge it, and what is not judged must not look passed.",
        "Remove it for now, or update ModelGate.");

    /// <summary>A key stands twice in one mapping.</summary>
    public static readonly DiagnosticKind DuplicateKey = new("MG2007", Severity.Error, "Duplicate key",
        "Only one of the two values would hold, and a reader cannot tell which.",
        "Keep one of them.");

    /// <summary>A value has the wrong shape, such as a list where a mapping is expected.</summary>
    public static readonly DiagnosticKind WrongShape = new("MG2008", Severity.Error, "Wrong kind of value",
        "The policy says something other than what was meant.",
        "Write the value in the form that the message shows.");

    /// <summary>A scalar is not understood: a number without its unit, an unknown unit, a value out of range.</summary>
    public static readonly DiagnosticKind InvalidValue = new("MG2009", Severity.Error, "Value not understood",
        "A limit that is read differently from what was meant is worse than none.",
        "Write number and unit: sizes `50 MB` or `50 MiB`, times `12 ms`, counts `25M`, percentages `90%`.");

    /// <summary>A limit does not fit its metric or contradicts another.</summary>
    public static readonly DiagnosticKind InvalidLimit = new("MG2010", Severity.Error, "Limit does not fit",
        "The metric fixes which way is better, so a limit of the wrong kind could never be breached.",
        "Use `max` for metrics where lower is better and `min` where higher is better, with `warn` on the passing side of it.");

    /// <summary>A required key is missing.</summary>
    public static readonly DiagnosticKind MissingKey = new("MG2011", Severity.Error, "Missing key",
        "The policy is not complete without it.",
        "Add the key that the message names.");

    /// <summary>The policy asks for another version of its language or of the tool.</summary>
    public static readonly DiagnosticKind VersionMismatch = new("MG2012", Severity.Error, "Version does not match",
        "The policy was written for another version and may mean something else here.",
        "Install a version that the policy accepts, or change `version`/`requires`.");

    /// <summary>A name is used that is defined nowhere, or defined twice.</summary>
    public static readonly DiagnosticKind InvalidName = new("MG2013", Severity.Error, "Name not usable",
        "A budget that points at nothing is never judged.",
        "Define the name once, with letters, digits, `-` and `_`.");

    /// <summary>A budget needs a model to run that no runtime here runs.</summary>
    public static readonly DiagnosticKind FormatNotRun = new("MG2014", Severity.Error, "Format cannot be run",
        "ONNX Runtime runs .onnx and .ort models only, so this budget could never be judged anywhere.",
        "Budget this model by what its file says (`modelgate metrics` lists it), or ship it as ONNX; where one `path:` matches several formats, give each an entry of its own.");

    /// <summary>The command line is wrong.</summary>
    public static readonly DiagnosticKind Usage = new("MG2090", Severity.Error, "Command line not understood",
        "The tool cannot know what was meant.",
        "See `modelgate --help`.");

    // MG3xxx: models and packages

    /// <summary>A model file cannot be opened.</summary>
    public static readonly DiagnosticKind ModelUnreadable = new("MG3001", Severity.Error, "Model cannot be opened",
        "What cannot be read cannot be weighed.",
        "Check that the file exists, is a regular file, and may be read.");

    /// <summary>A model file has no bytes.</summary>
    public static readonly DiagnosticKind ModelEmpty = new("MG3002", Severity.Error, "Model file is empty",
        "An empty file passes every size budget and runs nowhere.",
        "Restore the file from where it is made or stored.");

    /// <summary>A Git LFS pointer stands where the model should be.</summary>
    public static readonly DiagnosticKind LfsPointer = new("MG3003", Severity.Error, "Git LFS pointer instead of a model",
        "The pointer is about 130 bytes long and would pass any size budget.",
        "Run `git lfs pull`; in GitHub Actions check out with `lfs: true`.");

    /// <summary>The file is something else than a model.</summary>
    public static readonly DiagnosticKind NotAModel = new("MG3004", Severity.Error, "Not a model file",
        "A download that failed often leaves an error page under the model's name.",
        "Fetch the model again and look at what the file holds.");

    /// <summary>The model file breaks the rules of its format.</summary>
    public static readonly DiagnosticKind ModelMalformed = new("MG3005", Severity.Error, "Model is malformed",
        "A count taken from a damaged file would be wrong.",
        "Export or fetch the model again; where the message has an offset, the damage is there.");

    /// <summary>The model goes beyond a limit that keeps hostile files from harming the machine.</summary>
    public static readonly DiagnosticKind ModelLimit = new("MG3006", Severity.Error, "Model exceeds a safety limit",
        "Real models stay far below the limit; a file beyond it is most likely built to do harm.",
        "If the model is genuine, open an issue with the figures in the message.");

    /// <summary>A file of external data is missing.</summary>
    public static readonly DiagnosticKind ExternalDataMissing = new("MG3007", Severity.Error, "External data is missing",
        "The weights are in a file that is not there, so the model on disk is only a stub.",
        "Put the named file beside the model, or export the model as one file.");

    /// <summary>External data points outside the model's folder.</summary>
    public static readonly DiagnosticKind ExternalDataRefused = new("MG3008", Severity.Error, "External data refused",
        "A model must not make tools read files outside its own folder.",
        "Keep external data in the model's folder, named by a relative path without links.");

    /// <summary>External data names a range that its file does not have.</summary>
    public static readonly DiagnosticKind ExternalDataRange = new("MG3009", Severity.Error, "External data out of range",
        "The tensor would be read from bytes that do not exist.",
        "Export the model and its external data again, together.");

    /// <summary>The file changed while it was read.</summary>
    public static readonly DiagnosticKind ModelChanged = new("MG3010", Severity.Error, "Model changed while it was read",
        "The figures would describe neither the old file nor the new one.",
        "Let the step that writes the model finish first, then run again.");

    /// <summary>The metric cannot be measured on a model of this format.</summary>
    public static readonly DiagnosticKind FormatNotMeasurable = new("MG3011", Severity.Error, "Not measurable in this format",
        "Only what can be measured can be judged.",
        "Use a metric that the format allows, such as `size.on_disk`, or ship the model as ONNX.");

    /// <summary>An entry of the policy matches no model.</summary>
    public static readonly DiagnosticKind NothingMatched = new("MG3012", Severity.Error, "No model matches",
        "A gate that looks at nothing is always green.",
        "Correct the `path:` of the entry, or make sure that the model is there before the gate runs.");

    /// <summary>A package cannot be read.</summary>
    public static readonly DiagnosticKind PackageUnreadable = new("MG3013", Severity.Error, "Package cannot be read",
        "What is in a damaged or encrypted archive cannot be weighed.",
        "Pack again; the message says what is wrong with the archive.");

    /// <summary>A model is not in the package that should hold it.</summary>
    public static readonly DiagnosticKind NotInPackage = new("MG3014", Severity.Error, "Model is not in the package",
        "Its size in the package is asked for, but no entry has its length and checksum.",
        "Check that the model is packed, and that it is the same build of it.");

    /// <summary>A model to be compressed has been quantized before.</summary>
    public static readonly DiagnosticKind AlreadyQuantized = new("MG3015", Severity.Error, "Already quantized",
        "Codes of codes lose accuracy twice and save next to nothing.",
        "Compress the floating-point model that it was made from.");

    /// <summary>A model cannot be compressed in the way that was asked for.</summary>
    public static readonly DiagnosticKind NotCompressible = new("MG3016", Severity.Error, "Cannot be compressed so",
        "There is nothing in the model that the scheme makes smaller, or no safe way to rewrite it.",
        "Try another scheme (`modelgate compress --help` lists them), or export the model as ONNX with a newer operator set.");

    /// <summary>A file of external data is not the one that the model was written with.</summary>
    public static readonly DiagnosticKind ExternalDataChecksum = new("MG3020", Severity.Error, "External data does not match its checksum",
        "The weights are not those that the model was written with.",
        "Export or fetch the model and its external data again, together.");

    /// <summary>The model says something odd that does not change its figures.</summary>
    public static readonly DiagnosticKind ModelNote = new("MG3090", Severity.Note, "Note on the model",
        "The figures stand, and this says how they were come by.",
        "Nothing, unless the note surprises you.");

    // MG4xxx: runtime and measurement

    /// <summary>The tool itself cannot be started.</summary>
    public static readonly DiagnosticKind ToolCannotStart = new("MG4001", Severity.Error, "ModelGate cannot start",
        "The gate did not run, and a gate that did not run has not passed.",
        "Install the .NET 10 runtime: the project may build with an older SDK, but the gate runs on .NET 10.");

    /// <summary>There is no ONNX Runtime to time models with.</summary>
    public static readonly DiagnosticKind RuntimeMissing = new("MG4002", Severity.Error, "ONNX Runtime is missing",
        "Latency, start-up and memory can only be measured by running the model.",
        "In a project add <PackageReference Include=\"Microsoft.ML.OnnxRuntime\" Version=\"1.29.0\" /> (with ExcludeAssets=\"all\" where the app itself does not need it); on the command line install the tool for this platform or pass --runtime DIR.");

    /// <summary>ONNX Runtime is there but cannot be used.</summary>
    public static readonly DiagnosticKind RuntimeUnusable = new("MG4003", Severity.Error, "ONNX Runtime cannot be loaded",
        "The native library is of another platform, damaged, or of a version that does not fit.",
        "Use a package that carries the native library for this machine, version 1.16 or later, and one that `benchmark.runtime` accepts.");

    /// <summary>The worker process was ended by a signal or an exception code.</summary>
    public static readonly DiagnosticKind WorkerCrashed = new("MG4004", Severity.Error, "The model crashed the worker",
        "A model that ends the process that runs it would end the app as well.",
        "Run the model in the app's own ONNX Runtime version; report the crash to ONNX Runtime if it persists.");

    /// <summary>The worker did not finish before its deadline.</summary>
    public static readonly DiagnosticKind WorkerTimedOut = new("MG4005", Severity.Error, "Time ran out",
        "The model did not answer before the deadline, so its time is not known.",
        "Give it more time (`benchmark.max_time`), smaller input shapes or fewer samples, or look for a loop that does not end.");

    /// <summary>The worker took more memory than it may.</summary>
    public static readonly DiagnosticKind WorkerOutOfMemory = new("MG4006", Severity.Error, "The worker took too much memory",
        "The model would take the memory of the machine it runs on.",
        "Use smaller input shapes, or a machine with more memory.");

    /// <summary>ONNX Runtime refused the model.</summary>
    public static readonly DiagnosticKind ModelRefused = new("MG4007", Severity.Error, "ONNX Runtime refused the model",
        "A model that does not load in this runtime does not run in the app either.",
        "Read the runtime's own words in the message: most often the opset is too new for the runtime or an operator is not built in.");

    /// <summary>The model loads but an inference fails.</summary>
    public static readonly DiagnosticKind InferenceFailed = new("MG4008", Severity.Error, "Inference failed",
        "The model was loaded but could not be run on the inputs it was given.",
        "Give inputs that it accepts under `inputs:` in the policy (shape, type, range).");

    /// <summary>Inputs cannot be made without the policy's help.</summary>
    public static readonly DiagnosticKind InputsUnknown = new("MG4009", Severity.Error, "Inputs need to be described",
        "The model's inputs have open dimensions or types that ModelGate cannot fill by itself.",
        "Do what the message says: a shape is written under `inputs:` or given with `--shape`.");

    /// <summary>The worker ended without a result.</summary>
    public static readonly DiagnosticKind WorkerSilent = new("MG4010", Severity.Error, "The worker ended without a result",
        "A process that says nothing has measured nothing.",
        "Run again; if it stays, run `modelgate bench MODEL` and report what it prints.");

    /// <summary>The model asks for code that ModelGate does not load.</summary>
    public static readonly DiagnosticKind ModelAsksForCode = new("MG4011", Severity.Error, "The model asks for foreign code",
        "A model file must not be able to make the gate load libraries.",
        "Judge this model by static budgets, or export it without the operator that the message names.");

    /// <summary>An operator of the model has no formula for its multiply-accumulates.</summary>
    public static readonly DiagnosticKind MacsUnknown = new("MG4012", Severity.Error, "Multiply-accumulates not known",
        "A sum that leaves an operator out would look smaller than the model is.",
        "Judge this model by `latency` instead, or open an issue that names the operator.");

    /// <summary>The runtime's profile cannot be used.</summary>
    public static readonly DiagnosticKind ProfileUnusable = new("MG4013", Severity.Error, "Profile cannot be used",
        "Shapes and memory are known only from the profile that the runtime writes.",
        "Check the space in the temporary folder, or time with another version of ONNX Runtime (`--runtime DIR`).");

    /// <summary>A model and its baseline take different inputs.</summary>
    public static readonly DiagnosticKind InputsDiffer = new("MG4014", Severity.Error, "Model and baseline take different inputs",
        "Times on different inputs say nothing about each other.",
        "Compare with a baseline that takes the same inputs, or judge this model by `max` until one is there.");

    /// <summary>There is no baseline to compare with.</summary>
    public static readonly DiagnosticKind BaselineMissing = new("MG4015", Severity.Error, "Baseline cannot be had",
        "An increase can only be judged against what the model is compared with, and what is not judged has not passed.",
        "Correct `baseline:` or put the model there; a budget that may go without says `optional: true`.");

    /// <summary>An execution provider that was asked for is not in the runtime, or does not start.</summary>
    public static readonly DiagnosticKind ProviderMissing = new("MG4016", Severity.Error, "Execution provider cannot be had",
        "Times on another provider would be times of something else.",
        "Time with a flavour of ONNX Runtime that has it (Microsoft.ML.OnnxRuntime.Gpu, .DirectML, .QNN …) on a machine with the hardware and its drivers, or correct `benchmark.providers`.");

    /// <summary>Nodes ran on another execution provider than the one that was asked for.</summary>
    public static readonly DiagnosticKind ProviderUnused = new("MG4017", Severity.Error, "Nodes ran on another provider",
        "The runtime falls back without a word, and the time would be said of a provider that did not do the work.",
        "Look at the nodes that are named: another opset or type may let the provider take them. Or allow it: `allow_fallback: true`.");

    /// <summary>The metric is known of the processor only.</summary>
    public static readonly DiagnosticKind OtherProcessor = new("MG4018", Severity.Error, "Not measurable on this provider",
        "The machine's peaks and the allocator's account are those of the processor, and say nothing of another device.",
        "Judge the model by `latency` and `memory.peak_rss`, or with `providers: [cpu]`.");

    /// <summary>The outputs of two models cannot be held against each other.</summary>
    public static readonly DiagnosticKind OutputsDiffer = new("MG4019", Severity.Error, "Outputs cannot be compared",
        "Where a value is missing or not a number, nothing says how close the models are.",
        "Look at the output that the message names: it is of another shape, or NaN or infinite in one of the models.");

    /// <summary>The teacher or base of a model cannot be had.</summary>
    public static readonly DiagnosticKind RelatedModelMissing = new("MG4020", Severity.Error, "Teacher or base cannot be had",
        "What a model kept or changed can only be told beside the model that it comes from.",
        "Correct `teacher:` or `base:` in the policy or put the model there; a budget that may go without says `optional: true`.");

    /// <summary>A copy that is to be measured could not be written.</summary>
    public static readonly DiagnosticKind CopyNotWritten = new("MG4021", Severity.Error, "Copy could not be written",
        "A compressed copy is measured as a file, and there is no room for one.",
        "Free space in the temporary folder, or name another one that can be written: `TMPDIR`, on Windows `TMP`.");

    // MG9xxx: ModelGate itself

    /// <summary>Something went wrong inside ModelGate.</summary>
    public static readonly DiagnosticKind InternalError = new("MG9001", Severity.Error, "Internal error",
        "This is a bug in ModelGate.",
        "Please report it with the message and, if you may share it, the model.");

    /// <summary>A report could not be written.</summary>
    public static readonly DiagnosticKind ReportNotWritten = new("MG9002", Severity.Error, "Report could not be written",
        "Somebody relies on the report that was asked for.",
        "Check the folder, the free space and the permissions; the verdict above stands.");

    /// <summary>A compressed model could not be written.</summary>
    public static readonly DiagnosticKind ModelNotWritten = new("MG9003", Severity.Error, "Model could not be written",
        "Nothing has been left under its name, and the source is as it was.",
        "Check the folder, the free space and the permissions.");

    /// <summary>All of them, in order of their codes.</summary>
    public static IReadOnlyList<DiagnosticKind> All { get; } =
    [
        BudgetBreached, NearLimit, Inconclusive, Deferred, Unmatched, BelowNoiseFloor,
        PolicyNotFound, PolicyUnreadable, PolicySyntax, PolicyFeature, UnknownKey, LaterVersion, DuplicateKey, WrongShape,
        InvalidValue, InvalidLimit, MissingKey, VersionMismatch, InvalidName, FormatNotRun, Usage,
        ModelUnreadable, ModelEmpty, LfsPointer, NotAModel, ModelMalformed, ModelLimit, ExternalDataMissing, ExternalDataRefused,
        ExternalDataRange, ModelChanged, FormatNotMeasurable, NothingMatched, PackageUnreadable, NotInPackage, AlreadyQuantized, NotCompressible, ExternalDataChecksum, ModelNote,
        ToolCannotStart, RuntimeMissing, RuntimeUnusable, WorkerCrashed, WorkerTimedOut, WorkerOutOfMemory, ModelRefused,
        InferenceFailed, InputsUnknown, WorkerSilent, ModelAsksForCode, MacsUnknown, ProfileUnusable, InputsDiffer, BaselineMissing,
        ProviderMissing, ProviderUnused, OtherProcessor,
        OutputsDiffer, RelatedModelMissing, CopyNotWritten,
        InternalError, ReportNotWritten, ModelNotWritten,
    ];

    /// <summary>The diagnostic of a code, whatever its case, or null.</summary>
    public static DiagnosticKind? Find(string code) =>
        All.FirstOrDefault(kind => kind.Code.Equals(code, StringComparison.OrdinalIgnoreCase));
}
