using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>Where the fields of a stored tensor lie that a change must keep or convert.</summary>
/// <param name="Values">Its values as they lie in memory; null where they are not in one piece.</param>
/// <param name="Others">What is neither name, type, shape nor values: documentation, metadata, unknown fields.</param>
internal sealed record TensorFields(FileRange? Values, IReadOnlyList<FileRange> Others)
{
    /// <summary>Finds them.</summary>
    /// <param name="stream">The model file.</param>
    /// <param name="path">Its full path.</param>
    /// <param name="tensor">The tensor.</param>
    public static TensorFields Find(Stream stream, string path, StoredTensor tensor)
    {
        var reader = new ProtobufReader(stream, stream.Length);
        reader.Jump(tensor.Offset);
        reader.Enter();
        List<FileRange> others = [];
        FileRange? values = null;
        var chunks = 0;
        for (var field = reader.Position; reader.Next(out var tag); field = reader.Position)
        {
            switch (tag)
            {
                case Tags.Tensor.Raw or Tags.Tensor.FloatsPacked:
                    var length = reader.Length();
                    if (length > 0)
                    {
                        chunks++;
                        values = new FileRange(path, reader.Position, length);
                    }
                    reader.Jump(length);
                    break;
                case Tags.Tensor.Floats:
                    chunks += 2;
                    reader.Skip(tag);
                    break;
                case Tags.Tensor.Dim or Tags.Tensor.DimsPacked or Tags.Tensor.DataType or Tags.Tensor.Name or Tags.Tensor.ExternalData or Tags.Tensor.DataLocation:
                    reader.Skip(tag);
                    break;
                default:
                    reader.Skip(tag);
                    others.Add(new FileRange(path, field, reader.Position - field));
                    break;
            }
        }
        return new TensorFields(chunks == 1 ? values : null, others);
    }
}
