using ModelGate.Models;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>
/// Damaged files of every format: a result or a typed error, never anything else, and for ONNX the count of another reader.
/// <c>tests/ModelGate.Benchmarks -- mutants</c> makes a hundred thousand of each.
/// </summary>
[TestClass]
public sealed class MutantTests : IDisposable
{
    private const int Mutants = 2000;

    private readonly TemporaryFolder folder = new();

    public static IEnumerable<object[]> Formats => MutantFormat.Names.Select(static name => new object[] { name });

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void Two_thousand_mutants_give_a_result_or_a_typed_error(string name)
    {
        var format = MutantFormat.Of(name, folder.Path);
        var mutator = new Mutator(20261122);
        var (read, refused) = (0, 0);
        for (var round = 0; round < Mutants; round++)
        {
            var mutant = mutator.Damage(format.Seeds[round % format.Seeds.Count]);
            try
            {
                format.Check(mutant, format.Read(mutant));
                read++;
            }
            catch (ModelException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"mutant {round} ended in {exception}");
            }
        }

        Assert.IsGreaterThan(Mutants / 50, read, "too few were whole enough to be read");
        Assert.IsGreaterThan(Mutants / 50, refused, "too few were damaged enough to be refused");
    }

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void A_file_cut_at_any_byte_gives_a_result_or_a_typed_error(string name)
    {
        var format = MutantFormat.Of(name, folder.Path);
        foreach (var seed in format.Seeds)
        {
            format.Read(seed);
            for (var length = 0; length < seed.Length; length++)
            {
                try
                {
                    format.Read(seed[..length]);
                }
                catch (ModelException)
                {
                    // The other way to end.
                }
            }
        }
    }
}
