namespace ModelGate.Models.Containers;

/// <summary>
/// How much of one package may be inflated in all, however many entries are looked at and however often: so much for each of its own bytes, and
/// a gibibyte. What real packages take is a few times their size, and a bomb of a few kilobytes is stopped after a second or two.
/// </summary>
internal sealed class InflationAllowance(long packageLength)
{
    /// <summary>How many times the package is inflated at most.</summary>
    public const int TimesThePackage = 64;

    /// <summary>What may be inflated of any package, however small.</summary>
    public const long Smallest = 1L << 30;

    private long left = Smallest + (packageLength * TimesThePackage);

    /// <summary>Takes some bytes.</summary>
    /// <exception cref="ModelException">So much is not left.</exception>
    public void Take(int bytes)
    {
        left -= bytes;
        if (left < 0)
            throw new ModelException(Diagnostics.ModelLimit, $"its entries inflate to more than {TimesThePackage} times the package and {Smallest} bytes");
    }
}
