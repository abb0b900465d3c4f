namespace ModelGate.Compressing;

/// <summary>A part of the file to be written. Its length is known before anything is written: sizing is adding up.</summary>
internal abstract class Piece
{
    /// <summary>Bytes of a block that is read, converted and written at once: memory does not depend on a tensor's size, and the block stays in the processor's cache.</summary>
    protected const int Block = 1 << 18;

    /// <summary>Bytes it takes.</summary>
    public abstract long Length { get; }

    /// <summary>The pieces it is made of; none where it is one by itself.</summary>
    public virtual IReadOnlyList<Piece> Parts => [];

    /// <summary>The piece that has to be written before this one can be; null where it needs none.</summary>
    public virtual Piece? Needs => null;

    /// <summary>Adds the pieces that it comes to when it is taken apart, in file order.</summary>
    public virtual void TakeApart(List<Piece> pieces) => pieces.Add(this);

    /// <summary>Writes it.</summary>
    /// <exception cref="UnfitValuesException">A weight is NaN or infinite, or beyond what the new type holds.</exception>
    public abstract void WriteTo(Stream output, SourceFiles sources);

    /// <summary>Looks through the values that <see cref="WriteTo"/> would refuse.</summary>
    /// <exception cref="UnfitValuesException">A weight is NaN or infinite, or beyond what the new type holds.</exception>
    public virtual void Check(SourceFiles sources)
    {
    }
}

/// <summary>Bytes that are made up here.</summary>
internal sealed class MadeBytes(byte[] bytes) : Piece
{
    public override long Length => bytes.Length;

    public override void WriteTo(Stream output, SourceFiles sources) => output.Write(bytes);
}

/// <summary>Bytes of a source as they are.</summary>
internal sealed class CopiedBytes(FileRange range) : Piece
{
    /// <summary>Which bytes.</summary>
    public FileRange Range => range;

    public override long Length => range.Length;

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        var buffer = sources.Scratch.Codes((int)Math.Min(Block, range.Length));
        for (long at = 0; at < range.Length; at += buffer.Length)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, range.Length - at)];
            sources.Read(range, at, part);
            output.Write(part);
        }
    }
}

/// <summary>A length-delimited field of protobuf: tag, length, content.</summary>
internal sealed class FieldPiece : Piece
{
    private readonly MadeBytes head;

    public FieldPiece(uint tag, IReadOnlyList<Piece> content)
    {
        Parts = content;
        long length = 0;
        foreach (var piece in content) length += piece.Length;
        head = new MadeBytes(new MessageBytes().Raw(tag).Raw((ulong)length).ToArray());
        Length = head.Length + length;
    }

    public override long Length { get; }

    public override IReadOnlyList<Piece> Parts { get; }

    public override void TakeApart(List<Piece> pieces)
    {
        pieces.Add(head);
        foreach (var piece in Parts) piece.TakeApart(pieces);
    }

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        head.WriteTo(output, sources);
        foreach (var piece in Parts) piece.WriteTo(output, sources);
    }

    public override void Check(SourceFiles sources)
    {
        foreach (var piece in Parts) piece.Check(sources);
    }
}

/// <summary>What a tensor holds cannot be converted: it has to stay as it is. Known only once its values are read.</summary>
internal class UnfitValuesException(string tensor, string reason) : Exception
{
    /// <summary>Which tensor.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>Why.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A weight is NaN or infinite.</summary>
internal sealed class NotFiniteException(string tensor) : UnfitValuesException(tensor, "it holds NaN or infinity");
