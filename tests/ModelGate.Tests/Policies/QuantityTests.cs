using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public class QuantityTests
{
    [TestMethod]
    [DataRow("50 MB", Unit.Bytes, 50e6)]
    [DataRow("50MB", Unit.Bytes, 50e6)]
    [DataRow("50MiB", Unit.Bytes, 52_428_800d)]
    [DataRow("16 KiB", Unit.Bytes, 16_384d)]
    [DataRow("1.5 kB", Unit.Bytes, 1_500d)]
    [DataRow("48.3 MiB", Unit.Bytes, 50_646_220.8)]
    [DataRow("0 B", Unit.Bytes, 0d)]
    [DataRow("12 ms", Unit.Seconds, 0.012)]
    [DataRow("250us", Unit.Seconds, 0.00025)]
    [DataRow("7 ns", Unit.Seconds, 7e-9)]
    [DataRow("2 min", Unit.Seconds, 120d)]
    [DataRow("60 s", Unit.Seconds, 60d)]
    [DataRow("25M", Unit.Count, 25e6)]
    [DataRow("25.5 M", Unit.Count, 25.5e6)]
    [DataRow("1B", Unit.Count, 1e9)]
    [DataRow("0", Unit.Count, 0d)]
    [DataRow("25557032", Unit.Count, 25_557_032d)]
    [DataRow("4.5", Unit.Bits, 4.5)]
    [DataRow("4.5 bits", Unit.Bits, 4.5)]
    [DataRow("90%", Unit.Share, 0.9)]
    [DataRow("99.9 %", Unit.Share, 0.999)]
    [DataRow("0.995", Unit.Ratio, 0.995)]
    [DataRow("9007199254740992 B", Unit.Bytes, 9_007_199_254_740_992d)]
    public void A_number_with_its_unit_is_read_into_the_base_unit(string text, Unit unit, double expected)
    {
        Assert.IsTrue(Quantity.TryParse(text, unit, out var value, out var error), error);
        Assert.AreEqual(expected, value);
        Assert.MatchesRegex(new Regex(Quantity.Pattern(unit)), text);
    }

    [TestMethod]
    [DataRow("010 MB", Unit.Bytes, "`010 MB` is not a size: write `50 MB` or `48 MiB`")]
    [DataRow("1:30", Unit.Seconds, "`1:30` is not a time: write `12 ms` or `1.5 s`")]
    [DataRow("50 Mb", Unit.Bytes, "`50 Mb` is not a size: `Mb` would be bits; write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("50 mb", Unit.Bytes, "`50 mb` is not a size: `mb` would be bits; write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("50 KB", Unit.Bytes, "`50 KB` is not a size: did you mean `kB`? Otherwise write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("50M", Unit.Bytes, "`50M` is not a size: `M` is no unit of it; write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("50", Unit.Bytes, "`50` has no unit: write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("12", Unit.Seconds, "`12` has no unit: write `12 ms` or `12 s`")]
    [DataRow("12 µs", Unit.Seconds, "`12 µs` is not a time: `µs` is no unit of it; write `12 ms` or `12 s`")]
    [DataRow("0.9", Unit.Share, "`0.9` has no unit: write `90%`, or `0.9%` where that is meant")]
    [DataRow("0.005", Unit.Share, "`0.005` has no unit: write `0.5%`, or `0.005%` where that is meant")]
    [DataRow("1", Unit.Share, "`1` has no unit: write `1%`")]
    [DataRow("90", Unit.Share, "`90` has no unit: write `90%`")]
    [DataRow("90%", Unit.Ratio, "`90%` is not a ratio: `%` is no unit of it; write the bare number, such as `90`")]
    [DataRow("25 m", Unit.Count, "`25 m` is not a count: did you mean `M`? Otherwise write `25M` for millions or the bare number")]
    [DataRow("NaN", Unit.Ratio, "`NaN` is not a ratio: write `0.95`")]
    [DataRow(".nan", Unit.Ratio, "`.nan` is not a ratio: write `0.95`")]
    [DataRow("Infinity", Unit.Count, "`Infinity` is not a count: write `25M` or `25000000`")]
    [DataRow("-1", Unit.Count, "`-1` is not a count: write `25M` or `25000000`")]
    [DataRow("+1", Unit.Count, "`+1` is not a count: write `25M` or `25000000`")]
    [DataRow("1e400", Unit.Ratio, "`1e400` is not a ratio: `e400` is no unit of it; write the bare number, such as `1`")]
    [DataRow("1,5 MB", Unit.Bytes, "`1,5 MB` is not a size: write `50 MB` or `48 MiB`")]
    [DataRow("1. MB", Unit.Bytes, "`1. MB` is not a size: write `50 MB` or `48 MiB`")]
    [DataRow("", Unit.Bytes, "`` is not a size: write `50 MB` or `48 MiB`")]
    [DataRow("1.5 B", Unit.Bytes, "`1.5 B` is not a whole number of bytes: write `50 MB` or `48 MiB`")]
    [DataRow("2.5", Unit.Count, "`2.5` is not a whole number of things: write `25M` or `25000000`")]
    [DataRow("50  MB", Unit.Bytes, "`50  MB` is not a size: `MB` is no unit of it; write `50 MB` (10^6 bytes) or `50 MiB` (2^20 bytes)")]
    [DataRow("٥٠ MB", Unit.Bytes, "`٥٠ MB` is not a size: write `50 MB` or `48 MiB`")]
    public void What_could_be_read_in_two_ways_is_refused_with_the_right_form(string text, Unit unit, string message)
    {
        Assert.IsFalse(Quantity.TryParse(text, unit, out _, out var error));
        Assert.AreEqual(message, error);
        Assert.DoesNotMatchRegex(new Regex(Quantity.Pattern(unit)), text);
    }

    [TestMethod]
    [DataRow("9007199254740993 B", Unit.Bytes)]
    [DataRow("9008 TB", Unit.Bytes)]
    [DataRow("99999999999999999999999999999999999999999 T", Unit.Count)]
    public void What_a_double_cannot_hold_exactly_is_too_large(string text, Unit unit)
    {
        Assert.IsFalse(Quantity.TryParse(text, unit, out _, out var error));
        Assert.Contains("too large", error);
    }

    [TestMethod]
    [DataRow(12_345_678d, Unit.Bytes, "12.3 MB", "12,345,678 bytes")]
    [DataRow(999_900d, Unit.Bytes, "1 MB", "999,900 bytes")]
    [DataRow(1d, Unit.Bytes, "1 B", "1 byte")]
    [DataRow(0d, Unit.Bytes, "0 B", "0 bytes")]
    [DataRow(0.0124, Unit.Seconds, "12.4 ms", "0.0124 s")]
    [DataRow(90d, Unit.Seconds, "90 s", "90 s")]
    [DataRow(25_557_032d, Unit.Count, "25.6 M", "25,557,032")]
    [DataRow(999d, Unit.Count, "999", "999")]
    [DataRow(0.9, Unit.Share, "90 %", "90 %")]
    [DataRow(0.1234, Unit.Share, "12.3 %", "12.34 %")]
    [DataRow(4.25, Unit.Bits, "4.25 bits", "4.25 bits")]
    [DataRow(1.3, Unit.Ratio, "1.3", "1.3")]
    public void A_value_is_written_for_people_and_exactly(double value, Unit unit, string human, string exact)
    {
        Assert.AreEqual(human, Quantity.Format(value, unit));
        Assert.AreEqual(exact, Quantity.FormatExact(value, unit));
    }

    [TestMethod]
    public void Two_values_beside_each_other_are_written_with_the_digits_that_tell_them_apart()
    {
        Assert.AreEqual("50.004 MB", Quantity.Format(50_004_000, Unit.Bytes, apartFrom: 50_000_000));
        Assert.AreEqual("50 MB", Quantity.Format(50_000_000, Unit.Bytes, apartFrom: 50_004_000));
        Assert.AreEqual("50 MB", Quantity.Format(50_000_000, Unit.Bytes, apartFrom: 50_000_000));
        Assert.AreEqual("51 MB", Quantity.Format(51_000_000, Unit.Bytes, apartFrom: 50_000_000));
    }

    [TestMethod]
    public void No_culture_changes_what_is_read_or_written()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            // A culture of our own: the tests run without ICU data.
            CultureInfo.CurrentCulture = new CultureInfo("", false) { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" } };
            Assert.IsTrue(Quantity.TryParse("1.5 kB", Unit.Bytes, out var value, out _));
            Assert.AreEqual(1500, value);
            Assert.AreEqual("1.5 kB", Quantity.Format(1500, Unit.Bytes));
            Assert.AreEqual("1,500 bytes", Quantity.FormatExact(1500, Unit.Bytes));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void What_is_written_is_read_back()
    {
        var numbers = from digits in Gen.Choose(0, 900) // 9000 TB is the most that is read
                      from exponent in Gen.Choose(0, 12)
                      from unit in Gen.Elements(Enum.GetValues<Unit>())
                      select (Text: digits.ToString(CultureInfo.InvariantCulture) + new string('0', exponent % 2), Unit: unit, exponent);

        Prop.ForAll(Arb.From(numbers), sample =>
        {
            var written = sample.Text.TrimStart('0') is { Length: > 0 } text ? text : "0";
            var suffixes = sample.Unit switch
            {
                Unit.Bytes => new[] { "B", "kB", "MB", "GB", "TB" },
                Unit.Seconds => ["ns", "us", "ms", "s"],
                Unit.Count => ["", "K", "M", "B", "T"],
                Unit.Bits => ["", "bits"],
                Unit.Share => ["%"],
                Unit.Rate => ["/s"],
                Unit.Decibels => ["dB"],
                Unit.Bandwidth => ["kB/s", "MB/s", "GB/s"],
                Unit.Compute => ["MFLOP/s", "GFLOP/s"],
                Unit.BitRate => ["kbit/s", "Mbit/s", "Gbit/s"],
                _ => [""],
            };
            Assert.IsTrue(Quantity.TryParse(written + suffixes[sample.exponent % suffixes.Length], sample.Unit, out var value, out var error), error);
            var printed = Quantity.Format(value, sample.Unit);
            Assert.IsTrue(Quantity.TryParse(printed, sample.Unit, out var again, out error), error);
            Assert.AreEqual(value, again, value * 1e-15, printed);
        }).QuickCheckThrowOnFailure();
    }

    [TestMethod]
    public void Any_value_is_written_within_half_a_percent()
    {
        var values = from mantissa in Gen.Choose(1, int.MaxValue)
                     from scale in Gen.Choose(0, 6)
                     from unit in Gen.Elements(Unit.Bytes, Unit.Seconds, Unit.Count, Unit.Share)
                     select (Value: Math.Floor(mantissa * Math.Pow(10, scale - 3)), Unit: unit);

        Prop.ForAll(Arb.From(values), sample =>
        {
            var printed = Quantity.Format(sample.Value, sample.Unit);
            Assert.IsTrue(Quantity.TryParse(printed, sample.Unit, out var again, out var error), error);
            Assert.AreEqual(sample.Value, again, sample.Value * 0.0051, printed);
        }).QuickCheckThrowOnFailure();
    }

    [TestMethod]
    public void Any_text_is_read_or_refused_and_never_throws()
    {
        Prop.ForAll<string, Unit>((text, unit) =>
        {
            if (text is not null && Quantity.TryParse(text, unit, out var value, out _))
                Assert.IsTrue(value is >= 0 and <= Quantity.Largest && Regex.IsMatch(text, Quantity.Pattern(unit)), text);
        }).QuickCheckThrowOnFailure();
    }
}
