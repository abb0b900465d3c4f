using ModelGate.Models;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>
/// Damaged files of every format: a result or a typed error, never anything else, within a second and the memory of <see cref="Bounds"/>, and for
/// ONNX the count of another reader.
/// <c>tests/ModelGate.Benchmarks -- mutants</c> makes a hundred thousand of each.
/// </summary>
[TestClass]
public sealed class MutantTests : IDisposable
{
    private const int Mutants = 2000, Patience = 300_000; // milliseconds: for what never ends

    private readonly TemporaryFolder folder = new();

    public static IEnumerable<object[]> Formats => MutantFormat.Names.Select(static name => new object[] { name });

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Formats))]
    [Timeout(Patience)]
    public void Two_thousand_mutants_give_a_result_or_a_typed_error_in_a_second_and_little_memory(string name)
    {
        var format = MutantFormat.Of(name, folder.Path);
        var mutator = new Mutator(20261122);
        var (read, refused) = (0, 0);
        for (var round = 0; round < Mutants; round++)
        {
            var mutant = mutator.Damage(format.Seeds[round % format.Seeds.Count]);
            if (IsRead(format, mutant, $"mutant {round}", out var model))
            {
                format.Check(mutant, model);
                read++;
            }
            else
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(Mutants / 50, read, "too few were whole enough to be read");
        Assert.IsGreaterThan(Mutants / 50, refused, "too few were damaged enough to be refused");
    }

    [TestMethod]
    [DynamicData(nameof(Formats))]
    [Timeout(Patience)]
    public void A_file_cut_at_any_byte_gives_a_result_or_a_typed_error_in_a_second_and_little_memory(string name)
    {
        var format = MutantFormat.Of(name, folder.Path);
        foreach (var seed in format.Seeds)
        {
            format.Read(seed);
            for (var length = 0; length < seed.Length; length++) IsRead(format, seed[..length], $"the first {length} bytes", out _);
        }
    }

    private static bool IsRead(MutantFormat format, byte[] file, string name, out ModelFile? model)
    {
        var (isRead, found) = (false, (ModelFile?)null);
        Bounds.Of(file.Length).Measure($"{format.Name}: {name}", () =>
        {
            try
            {
                (found, isRead) = (format.Read(file), true);
            }
            catch (ModelException)
            {
                (found, isRead) = (null, false); // the other way to end
            }
            catch (Exception exception)
            {
                Assert.Fail($"{format.Name}: {name} ended in {exception}");
            }
        });
        model = found;
        return isRead;
    }
}
