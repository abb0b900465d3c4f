namespace ModelGate.Measuring;

/// <summary>The base unit a metric is measured, stored and reported in.</summary>
public enum Unit
{
    /// <summary>A count of things.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Bits.</summary>
    Bits,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>A bare ratio.</summary>
    Ratio,

    /// <summary>So many each second.</summary>
    Rate,

    /// <summary>A share; stored as a fraction, written as a percentage.</summary>
    Share,

    /// <summary>A ratio of powers in decibels.</summary>
    Decibels,

    /// <summary>Bytes each second.</summary>
    Bandwidth,

    /// <summary>Floating-point operations each second.</summary>
    Compute,

    /// <summary>Bits each second.</summary>
    BitRate,
}

/// <summary>Which way is better.</summary>
public enum Direction
{
    /// <summary>Takes a <c>max</c>.</summary>
    LowerIsBetter,

    /// <summary>Takes a <c>min</c>.</summary>
    HigherIsBetter,
}

/// <summary>What has to be done to obtain a metric, cheapest first.</summary>
public enum Source
{
    /// <summary>The structure of the model file: a few kilobytes are read, nothing is executed.</summary>
    Structure,

    /// <summary>Every byte of the model's files is read.</summary>
    Content,

    /// <summary>The package that holds the model is read.</summary>
    Package,

    /// <summary>Files are read beside the model's own: another model's, or what would be written of a compressed copy. Nothing is executed.</summary>
    Related,

    /// <summary>The model is run once in a worker process, under the runtime's profiler.</summary>
    Profile,

    /// <summary>The model is run in worker processes; one value per restart.</summary>
    Worker,

    /// <summary>The model is run in worker processes beside another one, on the same inputs.</summary>
    Beside,
}

/// <summary>What a metric is about besides the model itself.</summary>
public enum Relation
{
    /// <summary>Nothing: it is about the model alone.</summary>
    None,

    /// <summary>A compressed copy of the model, which is made for the measuring.</summary>
    Compressed,

    /// <summary>The model that it was distilled from: <c>teacher:</c> in the policy.</summary>
    Teacher,

    /// <summary>The model that it was trained on from: <c>base:</c> in the policy.</summary>
    Base,

    /// <summary>Hardware that it is meant for: one of <c>targets:</c> in the policy.</summary>
    Target,
}

/// <summary>Where in a policy a metric may have a budget.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Under <c>models[].budgets</c>: for each matched model.</summary>
    Model = 1,

    /// <summary>Under <c>total.budgets</c>: for all matched models together.</summary>
    Total = 2,

    /// <summary>Under <c>package.budgets</c>.</summary>
    Package = 4,
}

/// <summary>One entry of the catalogue: everything the policy, the schema, the reports and the documentation know about a metric.</summary>
/// <param name="Name">Dotted and flat; the same in policy, report, JSON and annotation.</param>
/// <param name="Unit">Base unit of its values.</param>
/// <param name="Direction">Which way is better.</param>
/// <param name="Source">What has to be done to obtain it.</param>
/// <param name="Scopes">Where it may have a budget.</param>
/// <param name="Definition">What is counted, in one sentence.</param>
public sealed record Metric(string Name, Unit Unit, Direction Direction, Source Source, Scopes Scopes, string Definition)
{
    /// <summary>What it is about besides the model itself.</summary>
    public Relation Relation { get; init; }

    /// <summary>The rest of its name: what is measured of whatever the parts before it name. Of a compressed copy it may be a metric that models have as well.</summary>
    public string Quality => Relation == Relation.Compressed ? Name.Split('.', 3)[2] : Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>The second part of its name: of a compressed copy its scheme, of a target its name.</summary>
    public string Subject => Name.Split('.')[1];

    /// <summary>True of the bytes that the model itself takes: <c>size.*</c>.</summary>
    public bool IsSize => Name.StartsWith("size.", StringComparison.Ordinal);

    /// <summary>True of a metric that cannot be had without running the model.</summary>
    public bool RunsTheModel => Source is Source.Profile or Source.Worker or Source.Beside;

    /// <summary>A metric is its name.</summary>
    public bool Equals(Metric? other) => Name == other?.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>True where <c>max_increase</c> may limit it: what can be measured of a model and of its baseline in the same run.</summary>
    public bool TakesIncrease => Direction == Direction.LowerIsBetter && Relation == Relation.None && Source != Source.Package && !MetricCatalogue.IsGrowth(this) && Name != "latency.bound";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
