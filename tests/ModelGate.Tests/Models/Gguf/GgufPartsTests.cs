using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Gguf;

/// <summary>A model split into several files, as llama.cpp's own tool splits them.</summary>
[TestClass]
public class GgufPartsTests
{
    [TestMethod]
    public void The_first_part_stands_for_the_whole_model()
    {
        using var folder = new TemporaryFolder();

        var model = ModelReader.Read(Write(folder));

        Assert.AreEqual((24L, 2), (model.Parameters(), model.ExternalFiles.Count));
        Assert.EndsWith("m-00003-of-00003.gguf", model.Tensor("t2").Data!.File);
    }

    [TestMethod]
    public void A_later_part_counts_for_itself_and_says_so()
    {
        using var folder = new TemporaryFolder();
        Write(folder);

        var part = ModelReader.Read(folder.File("m-00002-of-00003.gguf"));

        Assert.AreEqual(8, part.Parameters());
        Assert.Contains("part 2 of 3", part.Notes.Single().Message);
    }

    [TestMethod]
    public void All_parts_together_count_once()
    {
        using var folder = new TemporaryFolder();
        var first = Write(folder);

        var total = new StaticMeasuring().MeasureTotal([first, folder.File("m-00002-of-00003.gguf"), folder.File("m-00003-of-00003.gguf")], [MetricCatalogue.Find("parameters")!]);

        Assert.AreEqual(24, ((Measurement.Exact)total[0]).Value);
    }

    [TestMethod]
    public void A_part_that_is_missing_leaves_the_model_unmeasured()
    {
        using var folder = new TemporaryFolder();
        var first = Write(folder);
        File.Delete(folder.File("m-00002-of-00003.gguf"));

        var error = Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(first));

        Assert.AreEqual(Diagnostics.ExternalDataMissing, error.Kind);
        Assert.Contains("m-00002-of-00003.gguf", error.Message);
    }

    [TestMethod]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        using var folder = new TemporaryFolder();
        var first = Write(folder);
        File.Copy(first, folder.File("m-00002-of-00003.gguf"), overwrite: true);
        Assert.Contains("it says it is part 1 of 3", Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(first)).Message);

        File.WriteAllBytes(folder.File("m-00002-of-00003.gguf"), Part(1).Tensor("t0", 0, 32, [8]).ToArray());
        Assert.Contains("is in another part as well", Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(first)).Message);

        File.WriteAllBytes(folder.File("m-00002-of-00003.gguf"), Part(1).ToArray());
        Assert.Contains("together have 2 tensors, but the first says 3", Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(first)).Message);

        File.WriteAllText(folder.File("m-00002-of-00003.gguf"), "no");
        Assert.Contains("is no GGUF file", Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(first)).Message);
    }

    [TestMethod]
    public void A_first_part_under_another_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.Move(Write(folder), folder.File("renamed.gguf"));

        Assert.Contains("is not named so that the others can be found", Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(folder.File("renamed.gguf"))).Message);
    }

    private static string Write(TemporaryFolder folder)
    {
        for (ushort part = 0; part < 3; part++)
            File.WriteAllBytes(folder.File($"m-0000{part + 1}-of-00003.gguf"), Part(part).Tensor($"t{part}", 0, 32, [8]).ToArray());
        return folder.File("m-00001-of-00003.gguf");
    }

    private static GgufFile Part(ushort part) => new GgufFile().Key("split.no", part).Key("split.count", (ushort)3).Key("split.tensors.count", 3u);
}
