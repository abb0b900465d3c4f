using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>
/// A model's file with some of its fields changed. Whatever holds no change is copied byte for byte, known or unknown; messages
/// around a change get a new length. It needs to know nothing of ONNX: a change says where its field begins.
/// </summary>
internal sealed class Rewriter
{
    private readonly ProtobufReader reader;
    private readonly string path;
    private readonly IReadOnlyDictionary<long, Edit> edits;
    private readonly long[] places;

    private Rewriter(Stream stream, string path, IReadOnlyDictionary<long, Edit> edits)
    {
        reader = new ProtobufReader(stream, stream.Length);
        this.path = path;
        this.edits = edits;
        places = [.. edits.Keys.Order()];
    }

    /// <summary>The pieces of the changed file.</summary>
    /// <param name="stream">The model file.</param>
    /// <param name="path">Its full path.</param>
    /// <param name="edits">Changes, by the offset at which a field's length stands.</param>
    public static List<Piece> Rewrite(Stream stream, string path, IReadOnlyDictionary<long, Edit> edits) => new Rewriter(stream, path, edits).Fields();

    private List<Piece> Fields()
    {
        List<Piece> pieces = [];
        var copied = reader.Position;
        while (true)
        {
            var field = reader.Position;
            if (!reader.Next(out var tag)) break;
            if ((tag & 7) != 2)
            {
                reader.Skip(tag);
                continue;
            }
            var edit = edits.GetValueOrDefault(reader.Position);
            if (edit is not null)
            {
                Copy(pieces, copied, field);
                copied = field;
                Put(pieces, tag, edit.Before);
            }
            if (edit?.Instead is { } instead)
            {
                Put(pieces, tag, instead);
                reader.Skip(tag);
                copied = reader.Position;
                continue;
            }
            var outer = reader.Enter();
            if (Changes(reader.Position, reader.Position + reader.Remaining))
            {
                Copy(pieces, copied, field);
                pieces.Add(new FieldPiece(tag, Fields()));
                copied = reader.Position;
            }
            else
            {
                reader.Jump(reader.Remaining);
            }
            reader.Leave(outer);
        }
        Copy(pieces, copied, reader.Position);
        return pieces;
    }

    private void Copy(List<Piece> pieces, long from, long to)
    {
        if (to > from) pieces.Add(new CopiedBytes(new FileRange(path, from, to - from)));
    }

    private static void Put(List<Piece> pieces, uint tag, IEnumerable<IReadOnlyList<Piece>> messages)
    {
        foreach (var message in messages) pieces.Add(new FieldPiece(tag, message));
    }

    private bool Changes(long from, long to)
    {
        var found = Array.BinarySearch(places, from);
        if (found < 0) found = ~found;
        return found < places.Length && places[found] < to;
    }
}
