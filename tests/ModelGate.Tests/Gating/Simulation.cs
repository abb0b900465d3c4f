namespace ModelGate.Tests.Gating;

/// <summary>Seeded draws for simulated gates.</summary>
internal static class Simulation
{
    /// <summary>A draw of the normal distribution with mean 0 and standard deviation 1.</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
