namespace ModelGate.Models;

/// <summary>
/// Counts the steps of a search that is made anew for each part of a model. Each search is short, but a small file may have a million parts that
/// all lead to the same few hundred others: together they are bounded.
/// </summary>
/// <param name="what">What is sought, for a sentence.</param>
internal sealed class Steps(string what)
{
    private long taken;

    /// <summary>Takes some steps.</summary>
    /// <exception cref="ModelException">They are more than any real model asks for.</exception>
    public void Take(int steps = 1)
    {
        taken += steps;
        if (taken > Limits.Steps)
            throw new ModelException(Diagnostics.ModelLimit, $"{what} takes more than {Limits.Steps} steps: the model's parts lead to the same others again and again");
    }
}
