using ModelGate.Tool.Commands;

namespace ModelGate.Tests.Tool;

[TestClass]
public sealed class SweepTextTests
{
    [TestMethod]
    [DataRow("pixels=1,3,224,224", "pixels: 1 3 224 224")]
    [DataRow("a=b=batch, 512", "a=b: batch 512")]
    [DataRow("pixels", null)]
    [DataRow("pixels=", null)]
    [DataRow("pixels=1,,3", null)]
    [DataRow("past=1,4,0,64", "past: 1 4 0 64")]
    [DataRow("pixels=12x", null)]
    [DataRow("pixels=-1,4", null)]
    public void A_shape_is_an_input_and_its_sizes(string text, string? read) =>
        Assert.AreEqual(read, SweepText.Shape(text) is { } shape ? $"{shape.Name}: {string.Join(' ', shape.Shape!)}" : null);

    [TestMethod]
    [DataRow("ids=0,999", "ids: 0 999")]
    [DataRow("sr=16000", "sr: 16000 16000")]
    [DataRow("x=-1, 0.5", "x: -1 0.5")]
    [DataRow("sr", null)]
    [DataRow("sr=", null)]
    [DataRow("sr=2,1", null)]
    [DataRow("sr=1,2,3", null)]
    [DataRow("sr=nan", null)]
    [DataRow("sr=1e400", null)]
    public void A_range_is_an_input_and_its_lowest_and_highest_value(string text, string? read) =>
        Assert.AreEqual(read, SweepText.Range(text) is { } range ? FormattableString.Invariant($"{range.Name}: {range.Low} {range.High}") : null);

    [TestMethod]
    [DataRow("seq=1..8", "seq 1,2,4,8")]
    [DataRow("seq=3..20", "seq 3,6,12")]
    [DataRow("a=b=64,32,128", "a=b 32,64,128")]
    public void Sizes_are_listed_or_doubled(string text, string expected)
    {
        var sweep = SweepText.Sweep(text)!;
        Assert.AreEqual(expected, $"{sweep.Dimension} {string.Join(',', sweep.Sizes)}");
    }

    [TestMethod]
    [DataRow("seq")]
    [DataRow("=1,2,3")]
    [DataRow("seq=1,2")]
    [DataRow("seq=1,2,2")]
    [DataRow("seq=1,2,x")]
    [DataRow("seq=0..8")]
    [DataRow("seq=8..1")]
    [DataRow("seq=1..2..3")]
    [DataRow("seq=1,2,99999999999")]
    [DataRow("seq=-1,2,3")]
    public void Anything_else_is_refused(string text) => Assert.IsNull(SweepText.Sweep(text));

    [TestMethod]
    public void A_dimension_has_one_size()
    {
        Assert.AreEqual(new("seq", 128), SweepText.Dimension("seq=128"));
        Assert.AreEqual(new("past", 0), SweepText.Dimension("past=0"), "a language model begins with an empty cache");
        Assert.IsNull(SweepText.Dimension("seq"));
    }
}
