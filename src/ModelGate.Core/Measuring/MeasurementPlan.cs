using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>Which metrics this run measures for some budgets, and which are another run's, with the reason. Only what the policy names is measured.</summary>
/// <param name="Metrics">To be measured now.</param>
/// <param name="Postponed">Not this run's.</param>
public sealed record MeasurementPlan(IReadOnlyList<Metric> Metrics, IReadOnlyList<Measurement> Postponed)
{
    /// <summary>What the moment and the machine allow.</summary>
    /// <param name="RunsModels">False where running models is switched off for this run.</param>
    /// <param name="HasPackage">True where a package is at hand.</param>
    /// <param name="Machine">The machine this runs on.</param>
    public sealed record Moment(bool RunsModels, bool HasPackage, Lazy<Machine> Machine);

    /// <summary>Sorts the metrics of some budgets into now and not now.</summary>
    public static MeasurementPlan For(IReadOnlyList<Budget> budgets, IReadOnlyList<MachineSpecification> machines, Moment moment)
    {
        List<Metric> now = [];
        List<Measurement> postponed = [];
        foreach (var budget in budgets)
        {
            if (ReasonToWait(budget, machines, moment) is { } reason)
                postponed.Add(new Measurement.Postponed(budget.Metric, reason));
            else
                now.Add(budget.Metric);
        }

        return new(now, postponed);
    }

    private static string? ReasonToWait(Budget budget, IReadOnlyList<MachineSpecification> machines, Moment moment)
    {
        if (budget.Metric.Source == Source.Package && !moment.HasPackage)
            return "judged when the package is packed, or with `modelgate check --package FILE`";
        if (budget.Metric.RunsTheModel && !moment.RunsModels)
            return "running models is switched off here; `modelgate check` judges it, or a build with -p:ModelGateMeasure=all";
        if (budget.Machine is { } named
            && machines.First(machine => machine.Name == named.Value) is var machine
            && machine.DifferenceFrom(moment.Machine.Value) is { } difference)
            return $"judged only on machine '{named.Value}': {difference}";
        return null;
    }
}
