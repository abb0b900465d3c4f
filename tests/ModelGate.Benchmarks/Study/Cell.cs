namespace ModelGate.Benchmarks.Study;

/// <summary>What is recorded, one line per restart or gate.</summary>
internal enum Kind
{
    /// <summary>Restarts of a model alone.</summary>
    Alone,

    /// <summary>Restarts of a model, or a slower variant, against the model.</summary>
    Pair,

    /// <summary>Whole gates of a model against itself, with <c>max_increase: 5%</c>.</summary>
    Gate,
}

/// <summary>Something that is recorded under one condition, in a file of its own.</summary>
/// <param name="Kind">What is recorded.</param>
/// <param name="Model">The model.</param>
/// <param name="Extra">Small dense layers that make the variant slower; 0 for the model itself.</param>
/// <param name="Busy">True with a thread that spins on every processor.</param>
internal sealed record Cell(Kind Kind, StudyModel Model, int Extra, bool Busy)
{
    /// <summary>Lines to record.</summary>
    public int Target => Kind == Kind.Gate ? Model.Gates : Extra == 0 ? Model.Restarts : Math.Min(Model.Restarts, 60);

    /// <summary>The increase that a variant is judged by, as a share: each is slower by two percent more.</summary>
    public double Allowed => Extra > Model.Extras[0] ? 0.05 : 0;

    /// <summary>Name of its file.</summary>
    public string FileName => $"{Kind.ToString().ToLowerInvariant()}-{Model.Name.Replace(' ', '-')}{(Extra > 0 ? $"+{Extra}" : "")}-{Condition}.tsv";

    /// <summary>What the tables call the condition.</summary>
    public string Condition => Busy ? "busy" : "quiet";

    /// <summary>Every cell of the study; quiet ones first, because a quiet machine is what is hard to come by.</summary>
    public static IEnumerable<Cell> All =>
        from busy in (bool[])[false, true]
        from kind in Enum.GetValues<Kind>()
        from model in StudyModel.All
        from extra in kind == Kind.Pair ? [0, .. model.Extras] : (int[])[0]
        where kind != Kind.Gate || (!busy && model.Gates > 0)
        select new Cell(kind, model, extra, busy);
}
