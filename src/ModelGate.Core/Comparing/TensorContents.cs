using System.Security.Cryptography;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Models.FlatBuffers;
using ModelGate.Models.Onnx;

namespace ModelGate.Comparing;

/// <summary>The bytes of a model's tensors, read block by block.</summary>
/// <param name="path">Full path of the model.</param>
internal sealed class TensorContents(string path) : IDisposable
{
    private const int Block = 1 << 18, OpeningLength = 64;

    private long texts; // bytes of those that were asked for so far
    private readonly FileStream stream = File.OpenRead(path);
    private readonly SourceFiles files = new();
    private readonly byte[] block = new byte[Block];

    /// <summary>Where a tensor's values lie as one run of bytes; no bytes lie anywhere. Null where they do not.</summary>
    public FileRange? Find(Tensor tensor) => tensor.Bytes == 0 ? new(path, 0, 0) : tensor.Data is { } data ? new(data.File ?? path, data.Offset, data.Length) : null;

    /// <summary>True where a tensor's values are found, as one run of bytes or one by one.</summary>
    public static bool Has(Tensor tensor) => tensor.Bytes == 0 || tensor.Data is not null || tensor.Message is not null;

    /// <summary>Reads bytes of a range, from <paramref name="at"/> in it: as many as a block holds, or are left.</summary>
    /// <exception cref="ModelException">The file has become shorter.</exception>
    public ReadOnlySpan<byte> Read(FileRange range, long at)
    {
        var part = block.AsSpan(0, (int)Math.Min(Block, range.Length - at));
        files.Read(range, at, part);
        return part;
    }

    /// <summary>The first bytes of a tensor that it <see cref="Has"/>, as text: what tells two tensors of one shape apart nearly always, at no cost.</summary>
    /// <exception cref="ModelException">The file has become shorter.</exception>
    public string Opening(Tensor tensor)
    {
        if (RunsOf(tensor) is not { } runs)
            return Convert.ToHexString(MessageValues.Opening(At(tensor.Message!), tensor, OpeningLength));
        var opening = new List<byte>();
        foreach (var run in runs)
        {
            if (IsOfTexts(tensor)) opening.AddRange(BitConverter.GetBytes((ulong)run.Length));
            if (opening.Count >= OpeningLength) break;
            opening.AddRange(Read(run with { Length = Math.Min(run.Length, OpeningLength - opening.Count) }, 0));
        }

        return Convert.ToHexString([.. opening.Take(OpeningLength)]);
    }

    /// <summary>SHA-256 of the values of a tensor that it <see cref="Has"/>, however they are stored; null where they do not make it whole, and of texts that are longer together than their file.</summary>
    /// <exception cref="ModelException">The file has become shorter.</exception>
    public string? Hash(Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (RunsOf(tensor) is { } runs)
        {
            if (IsOfTexts(tensor) && (texts += runs.Sum(static run => run.Length)) > stream.Length) return null; // a small file may name one long text a million times
            foreach (var run in runs)
            {
                if (IsOfTexts(tensor)) hash.AppendData(BitConverter.GetBytes((ulong)run.Length)); // as MessageValues does
                for (long at = 0; at < run.Length; at += Block)
                    hash.AppendData(Read(run, at));
            }
        }
        else if (!MessageValues.TryHash(At(tensor.Message!), tensor, hash))
        {
            return null;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        files.Dispose();
        stream.Dispose();
    }

    private static bool IsOfTexts(Tensor tensor) => tensor is { Data: null, Message.Fields: ValueFields.FlatTexts };

    // Of a sparse tensor the values and what says where they stand, of texts each; null of what is not made of runs.
    private IEnumerable<FileRange>? RunsOf(Tensor tensor)
    {
        if (Find(tensor) is { } one) return [one];
        return tensor.Message!.Fields switch
        {
            ValueFields.Runs => tensor.Message.Runs.Select(run => new FileRange(run.File ?? path, run.Offset, run.Length)),
            ValueFields.FlatTexts => TextsOf(FlatVector.At(new PagedFile(stream, stream.Length), tensor.Message.Offset, sizeof(uint))),
            _ => null,
        };
    }

    private IEnumerable<FileRange> TextsOf(FlatVector texts)
    {
        for (int index = 0; index < texts.Count; index++)
        {
            var run = texts.TextRun(index);
            yield return new(path, run.Offset, run.Length);
        }
    }

    private ProtobufReader At(ValueMessage message)
    {
        var reader = new ProtobufReader(stream, stream.Length);
        reader.Jump(message.Offset);
        return reader;
    }
}
