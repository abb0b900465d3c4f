namespace ModelGate.Models;

/// <summary>How much a declared shape holds, in arithmetic that a hostile file cannot make wrap.</summary>
internal static class Shapes
{
    /// <summary>The product of dimensions.</summary>
    /// <exception cref="ModelException">A dimension is negative or the product does not fit.</exception>
    public static long Elements(long[] dims, Func<string, ModelException> wrong)
    {
        long elements = 1;
        var empty = false;
        foreach (var dim in dims)
        {
            if (dim < 0) throw wrong($"has the dimension {dim}");
            empty |= dim == 0;
        }
        if (empty) return 0;
        foreach (var dim in dims)
        {
            if (elements > long.MaxValue / dim) throw wrong($"has dimensions [{string.Join(", ", dims)}] whose product does not fit in 64 bits");
            elements *= dim;
        }
        return elements;
    }

    /// <summary>The bytes that elements take when stored densely.</summary>
    /// <exception cref="ModelException">They do not fit.</exception>
    public static long Bytes(DataType type, long elements, Func<string, ModelException> wrong)
    {
        try
        {
            return type.BytesOf(elements);
        }
        catch (OverflowException)
        {
            throw wrong($"declares {elements} elements of {type}, more bytes than 64 bits can count");
        }
    }
}
