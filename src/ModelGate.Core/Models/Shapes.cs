namespace ModelGate.Models;

/// <summary>How much a declared shape holds, in arithmetic that a hostile file cannot make wrap.</summary>
internal static class Shapes
{
    /// <summary>The product of dimensions.</summary>
    /// <exception cref="ModelException">A dimension is negative or the product does not fit.</exception>
    public static long Elements(long[] dims, Func<string, ModelException> wrong) => TryElements(dims) ?? throw wrong(WhyNoElements(dims));

    /// <summary>The product of dimensions; null where one is negative or the product does not fit.</summary>
    public static long? TryElements(long[] dims)
    {
        long elements = 1;
        var empty = false;
        foreach (var dim in dims)
        {
            if (dim < 0) return null;
            empty |= dim == 0;
        }
        if (empty) return 0;
        foreach (var dim in dims)
        {
            if (elements > long.MaxValue / dim) return null;
            elements *= dim;
        }
        return elements;
    }

    /// <summary>Why dimensions have no product, to follow the name of what has them.</summary>
    public static string WhyNoElements(long[] dims) =>
        Array.FindIndex(dims, static dim => dim < 0) is >= 0 and var negative ? $"has the dimension {dims[negative]}" : $"has dimensions [{string.Join(", ", dims)}] whose product does not fit in 64 bits";

    /// <summary>The bytes that elements take when stored densely.</summary>
    /// <exception cref="ModelException">They do not fit.</exception>
    public static long Bytes(DataType type, long elements, Func<string, ModelException> wrong) => TryBytes(type, elements) ?? throw wrong(WhyNoBytes(type, elements));

    /// <summary>The bytes that elements take when stored densely; null where they do not fit.</summary>
    public static long? TryBytes(DataType type, long elements)
    {
        try
        {
            return type.BytesOf(elements);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Why elements have no count of bytes, to follow the name of what holds them.</summary>
    public static string WhyNoBytes(DataType type, long elements) => $"declares {elements} elements of {type}, more bytes than 64 bits can count";
}
