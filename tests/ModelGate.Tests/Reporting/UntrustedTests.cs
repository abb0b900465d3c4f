using ModelGate.Reporting;

namespace ModelGate.Tests.Reporting;

[TestClass]
public class UntrustedTests
{
    [TestMethod]
    [DataRow("onnx::MatMul_123", "onnx::MatMul_123", DisplayName = "an ordinary name stays as it is")]
    [DataRow("größe/重み 🎉", "größe/重み 🎉", DisplayName = "other scripts and emoji stay")]
    [DataRow("a\nb\r\tc", "a\\u000Ab\\u000D\\u0009c", DisplayName = "line breaks become visible")]
    [DataRow("\u001b[31mred", "\\u001B[31mred", DisplayName = "terminal escapes become visible")]
    [DataRow("\u009b31mred", "\\u009B31mred", DisplayName = "C1 controls become visible")]
    [DataRow("a\u202Egnp.exe", "a\\u202Egnp.exe", DisplayName = "direction overrides become visible")]
    [DataRow("::error::x", "\\u003A:error::x", DisplayName = "no workflow command at the start")]
    [DataRow("  ::error::x", "  \\u003A:error::x", DisplayName = "no workflow command behind leading blanks")]
    [DataRow("x ##[error]y", "x \\u0023#[error]y", DisplayName = "no log command anywhere")]
    [DataRow("##vso[task.setvariable]", "\\u0023#vso[task.setvariable]", DisplayName = "no Azure command")]
    [DataRow("##teamcity[x]", "\\u0023#teamcity[x]", DisplayName = "no TeamCity command")]
    public void Inert_text_keeps_names_and_disarms_the_rest(string text, string expected) =>
        Assert.AreEqual(expected, Untrusted.Inert(text));

    [TestMethod]
    public void Half_a_surrogate_pair_becomes_visible()
    {
        Assert.AreEqual("a\\uD83Cb", Untrusted.Inert("a\uD83Cb"));
        Assert.AreEqual("a\uFFFDb", Untrusted.WellFormed("a\uD83Cb"));
        Assert.AreEqual("a🎉b", Untrusted.WellFormed("a🎉b"));
    }

    [TestMethod]
    [DataRow("a|b", "a\\|b")]
    [DataRow("<script>", "\\<script\\>")]
    [DataRow("![x](https://example.com)", "\\!\\[x\\]\\(https:\u200B//example.com\\)")]
    [DataRow("@team fixes #12 at www.example.com", "@\u200Bteam fixes #\u200B12 at www.\u200Bexample.com")]
    [DataRow("`code` **bold**", "\\`code\\` \\*\\*bold\\*\\*")]
    public void Markdown_text_makes_no_markup_link_or_mention(string text, string expected) =>
        Assert.AreEqual(expected, Untrusted.Markdown(text));
}
