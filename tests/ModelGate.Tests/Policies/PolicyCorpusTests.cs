using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

/// <summary>Each file of Corpus/bad has its diagnostics beside it, in a file that ends in .expected: every error, in order, with its place.</summary>
[TestClass]
public class PolicyCorpusTests
{
    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", name);

    public static IEnumerable<object[]> Bad => Directory.EnumerateFiles(Folder("bad"), "*.yml").Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetFileName(path) });

    public static IEnumerable<object[]> Good => Directory.EnumerateFiles(Folder("good"), "*.yml").Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetFileName(path) });

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void Every_error_of_a_bad_policy_is_told_with_its_place_and_the_right_form(string name)
    {
        var path = Path.Combine(Folder("bad"), name);
        var reading = PolicyReader.Parse(File.ReadAllBytes(path), name, "1.0.0");

        Assert.IsNull(reading.Policy);
        var actual = string.Concat(reading.Diagnostics.Select(error => $"({error.At!.Line},{error.At.Column}): {error.Kind.Code}: {error.Message}\n"));
        Assert.AreEqual(File.ReadAllText(Path.ChangeExtension(path, ".expected")).ReplaceLineEndings("\n"), actual);
    }

    [TestMethod]
    [DynamicData(nameof(Good))]
    public void A_good_policy_is_read_without_a_word(string name)
    {
        var reading = PolicyReader.Read(Path.Combine(Folder("good"), name), "1.0.0");

        Assert.AreEqual("", string.Join('\n', reading.Diagnostics.Select(error => error.Message)));
        Assert.IsNotNull(reading.Policy);
    }
}
