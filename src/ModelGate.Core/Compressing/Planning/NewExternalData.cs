using System.Globalization;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Compressing;

/// <summary>The one file of external data that goes with a compressed model whose source keeps weights outside.</summary>
/// <param name="model">Path of the source, beside which its external data lies.</param>
/// <param name="location">Name of the new file, beside the compressed model.</param>
internal sealed class NewExternalData(string model, string location)
{
    // Runtimes map large tensors straight from the file, which needs whole pages.
    private const long LargeTensor = 1 << 20, Page = 4096, Line = 64;

    private readonly ExternalFiles files = new(model, FilesBeside.OnDisk);
    private readonly List<Piece> pieces = [];
    private readonly Dictionary<FileRange, long> copied = [];

    /// <summary>What the file holds, in order; empty where there is none.</summary>
    public IReadOnlyList<Piece> Pieces => pieces;

    /// <summary>Its length in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Where a tensor of the source keeps its bytes.</summary>
    public FileRange Find(StoredTensor tensor, string name, long bytes) =>
        new(files.Locate(tensor, name).Path, long.Parse(tensor.External!.Offset ?? "0", CultureInfo.InvariantCulture), bytes);

    /// <summary>Gives bytes a place; returns the entries that say where. Bytes that are copied are kept once, however many tensors share them.</summary>
    public IEnumerable<(string Key, string Value)> Place(Piece data)
    {
        var range = (data as CopiedBytes)?.Range;
        if (range is null || !copied.TryGetValue(range, out var offset))
        {
            var alignment = data.Length >= LargeTensor ? Page : Line;
            offset = (Length + alignment - 1) / alignment * alignment;
            if (offset > Length) pieces.Add(new MadeBytes(new byte[offset - Length]));
            pieces.Add(data);
            Length = offset + data.Length;
            if (range is not null) copied.Add(range, offset);
        }
        return [("location", location), ("offset", Number(offset)), ("length", Number(data.Length))];
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
