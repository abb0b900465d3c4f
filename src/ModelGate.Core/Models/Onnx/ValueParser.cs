using System.Globalization;

namespace ModelGate.Models.Onnx;

/// <summary>Reads what an input or output of a graph is declared to be: its name, its element type and its shape.</summary>
internal sealed class ValueParser(ProtobufReader reader, NameTable names)
{
    private int dimensions;

    /// <summary>Reads a ValueInfoProto.</summary>
    /// <exception cref="ModelException">The file is damaged, or the value has more dimensions than <see cref="Limits.Rank"/>.</exception>
    public ValueInfo Value()
    {
        var value = new ValueInfo(reader.Position);
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case Tags.Value.Name: value.Name = Name(); break;
                case Tags.Value.Type: ParseType(value); break;
                default: reader.Skip(tag); break;
            }
        }
        reader.Leave(outer);
        return value;
    }

    // Only tensors can be fed; sequences, maps and optionals stay without a type.
    private void ParseType(ValueInfo value)
    {
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            if (tag != Tags.Value.TensorType)
            {
                reader.Skip(tag);
                continue;
            }
            var tensor = reader.Enter();
            while (reader.Next(out var inner))
            {
                switch (inner)
                {
                    case Tags.Value.ElementType: value.ElementType = (long)reader.Varint(); break;
                    case Tags.Value.Shape: ParseShape(value.Dims ??= []); break;
                    default: reader.Skip(inner); break;
                }
            }
            reader.Leave(tensor);
        }
        reader.Leave(outer);
    }

    private void ParseShape(List<string> dims)
    {
        var outer = reader.Enter();
        while (reader.Next(out var tag))
        {
            if (tag != Tags.Value.Dim)
            {
                reader.Skip(tag);
                continue;
            }
            if (dims.Count == Limits.Rank)
                throw new ModelException(Diagnostics.ModelLimit, $"at byte {reader.Position}: an input has more than {Limits.Rank} dimensions");
            if (++dimensions > Limits.DeclaredDimensions)
                throw new ModelException(Diagnostics.ModelLimit, $"at byte {reader.Position}: the model has more than {Limits.DeclaredDimensions} dimensions of inputs and outputs");
            var text = "?";
            var dim = reader.Enter();
            while (reader.Next(out var inner))
            {
                switch (inner)
                {
                    // Older converters write -1 for what is open.
                    case Tags.Value.DimNumber: text = (long)reader.Varint() is >= 0 and var size ? size.ToString(CultureInfo.InvariantCulture) : "?"; break;
                    case Tags.Value.DimName: text = names.Text(Name()) is { Length: > 0 } name ? name : "?"; break;
                    default: reader.Skip(inner); break;
                }
            }
            reader.Leave(dim);
            dims.Add(text);
        }
        reader.Leave(outer);
    }

    private int Name() => names.Number(reader.Bytes(Limits.NameLength, "a name"));
}
