using System.Text;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Models.Containers;

namespace ModelGate.Tests.Faults;

/// <summary>A file that is built to do harm by itself, and how it has to be refused.</summary>
/// <param name="Row">Row of the fault table.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is refused as.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record HostileFile(int Row, string Name, DiagnosticKind Kind, byte[] Content)
{
    /// <summary>True of a container, whose models are only inspected and never judged.</summary>
    public bool IsContainer => Path.GetExtension(Name) is ".nupkg" or ".dll";
}

/// <summary>The rows of the fault table that a file makes all by itself: 1 to 12, 19 and 29 to 33.</summary>
internal static class HostileFiles
{
    private static readonly byte[] Dense = SmallModels.Dense().ToArray();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HostileFile> All { get; } = [.. NoModels(), .. OnnxFiles(), .. SafetensorsFiles(), .. GgufFiles(), .. FlatBuffers(), .. Containers()];

    private static IEnumerable<HostileFile> NoModels()
    {
        byte[] random = new byte[4096];
        new Random(4).NextBytes(random);
        yield return new(1, "empty.onnx", Diagnostics.ModelEmpty, []);
        yield return new(2, "pointer.onnx", Diagnostics.LfsPointer, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"u8.ToArray());
        yield return new(3, "page.onnx", Diagnostics.NotAModel, "<!DOCTYPE html><title>404</title>"u8.ToArray());
        yield return new(3, "answer.onnx", Diagnostics.NotAModel, "{\"error\": \"not found\"}"u8.ToArray());
        yield return new(4, "random.onnx", Diagnostics.NotAModel, [0xFF, .. random]);
        yield return new(4, "random-field.onnx", Diagnostics.ModelMalformed, [0x3A, 0x7F, .. random]);
        yield return new(32, "object.pt", Diagnostics.FormatNotMeasurable, [0x80, 2, (byte)'c', .. "os\nsystem\n(S'touch run'\ntR."u8]);
        yield return new(32, "weights.h5", Diagnostics.FormatNotMeasurable, [0x89, .. "HDF\r\n"u8, 0x1A, (byte)'\n', .. new byte[64]]);
        yield return new(32, "torch.pt", Diagnostics.FormatNotMeasurable, Packages.Of(("archive/data.pkl", [0x80, 2, (byte)'.'])));
    }

    private static IEnumerable<HostileFile> OnnxFiles()
    {
        var malformed = Diagnostics.ModelMalformed;
        yield return new(6, "length.onnx", malformed, [8, 8, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, .. new byte[92]]);
        yield return new(6, "endless.onnx", malformed, [8, 8, 0x3A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, .. new byte[92]]);
        yield return new(7, "varint.onnx", malformed, [8, 8, 0x3A, 11, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
        yield return new(7, "negative-length.onnx", malformed, [8, 8, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1]);
        yield return new(8, "groups.onnx", Diagnostics.ModelLimit, [8, 8, .. Enumerable.Repeat<byte[]>([0x9B, 0x3F], 10_000).SelectMany(static tag => tag)]);
        yield return new(8, "graphs.onnx", Diagnostics.ModelLimit, Onnx.Model(new OnnxGraph()).Raw(NestedGraphs(10_000)).ToArray());
        yield return new(9, "wire-6.onnx", malformed, [8, 8, 0x0E, 1]);
        yield return new(9, "wire-7.onnx", malformed, [8, 8, 0x0F, 1]);
        yield return new(9, "field-0.onnx", malformed, [8, 8, 0x02, 1, 1]);
        yield return new(11, "overflow.onnx", malformed, Of(Onnx.Header("w", DataTypes.Float32, 1L << 40, 1L << 40)));
        yield return new(11, "negative.onnx", malformed, Of(Onnx.Header("w", DataTypes.Float32, -1, 4)));
        yield return new(12, "short.onnx", malformed, Of(Onnx.Header("w", DataTypes.Float32, 4).Bytes(9, new byte[12])));
        yield return new(12, "both.onnx", malformed, Of(Onnx.Header("w", DataTypes.Float32, 1).Bytes(9, new byte[4]).Fixed32(4, 1)));
        yield return new(14, "long-name.onnx", Diagnostics.ModelLimit, Of(Onnx.Zeros(new string('n', 1_000_000), DataTypes.Float32, 1)));
        yield return new(19, "unknown-place.onnx", malformed, Of(Onnx.Header("w", DataTypes.Float32, 1).Varint(14, 1)));
    }

    private static IEnumerable<HostileFile> SafetensorsFiles()
    {
        var (malformed, limit) = (Diagnostics.ModelMalformed, Diagnostics.ModelLimit);
        yield return new(29, "length.safetensors", Diagnostics.NotAModel, [.. BitConverter.GetBytes(1UL << 63), (byte)'{']);
        yield return new(29, "long.safetensors", Diagnostics.NotAModel, [.. BitConverter.GetBytes(99_000_000UL), (byte)'{', (byte)'}']);
        yield return new(29, "array.safetensors", malformed, [.. BitConverter.GetBytes(4UL), .. "{[]}"u8]);
        yield return Header("holes", Entry("a", 3, 4), 4, malformed);
        yield return Header("overlap", $"{Entry("a", 0, 2, 2)},{Entry("b", 1, 3, 2)}", 3, malformed);
        yield return Header("twice", $"{Entry("a", 0, 1)},{Entry("a", 1, 2)}", 2, malformed);
        yield return Header("negative", Entry("a", -1, 0), 1, malformed);
        yield return Header("deep", "\"__metadata__\":{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}", 0, malformed);
        yield return Header("rank", $"\"a\":{{\"dtype\":\"U8\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 5000))}],\"data_offsets\":[0,1]}}", 1, limit);

        static HostileFile Header(string name, string members, long data, DiagnosticKind kind) => new(29, name + ".safetensors", kind, SafetensorsFile.Of($"{{{members}}}", data));

        static string Entry(string name, long begin, long end, int bytes = 1) => FormattableString.Invariant($"\"{name}\":{{\"dtype\":\"U8\",\"shape\":[{bytes}],\"data_offsets\":[{begin},{end}]}}");
    }

    private static IEnumerable<HostileFile> GgufFiles()
    {
        var (malformed, limit) = (Diagnostics.ModelMalformed, Diagnostics.ModelLimit);
        yield return new(30, "array.gguf", malformed, new GgufFile().Key("k", 9, [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes(1UL << 63)]).ToArray());
        yield return new(30, "numbers.gguf", malformed, new GgufFile().Key("k", 9, [.. BitConverter.GetBytes(12u), .. BitConverter.GetBytes(1UL << 61)]).ToArray());
        yield return new(30, "nested.gguf", limit, new GgufFile().Key("k", 9, [.. Enumerable.Repeat((byte[])[.. BitConverter.GetBytes(9u), .. BitConverter.GetBytes(1UL)], 10_000).SelectMany(level => level)]).ToArray());
        yield return new(30, "rank.gguf", limit, new GgufFile().Tensor("t", 0, 4, [.. Enumerable.Repeat(1UL, 5000)]).ToArray());
        yield return new(30, "aligned.gguf", malformed, new GgufFile().Key("general.alignment", 1u << 30).ToArray());
        yield return new(30, "unaligned.gguf", malformed, new GgufFile().Key("general.alignment", 0u).ToArray());
        yield return new(30, "type.gguf", malformed, new GgufFile().Tensor("t", 999, 4, [1]).ToArray());
        yield return new(30, "value.gguf", malformed, new GgufFile().Key("k", 99, [1]).ToArray());
        yield return new(30, "version.gguf", malformed, new GgufFile { Version = 77 }.ToArray());
        yield return new(30, "count.gguf", limit, [.. "GGUF"u8, 3, 0, 0, 0, .. BitConverter.GetBytes(ulong.MaxValue), .. BitConverter.GetBytes(0UL)]);
        yield return new(30, "overflow.gguf", malformed, new GgufFile().Tensor("t", 0, 4, [1UL << 62, 1UL << 62]).ToArray()); // CVE-2026-33298
    }

    private static IEnumerable<HostileFile> FlatBuffers()
    {
        var (malformed, limit) = (Diagnostics.ModelMalformed, Diagnostics.ModelLimit);
        foreach (var (magic, ending) in new[] { ("TFL3", "tflite"), ("ORTM", "ort") })
        {
            byte[] name = Encoding.ASCII.GetBytes(magic);
            yield return new(31, $"offset.{ending}", malformed, [0xF0, 0xFF, 0xFF, 0xFF, .. name, .. new byte[64]]);
            yield return new(31, $"itself.{ending}", malformed, [0, 0, 0, 0, .. name, .. new byte[64]]);
            yield return new(31, $"table.{ending}", malformed, [8, 0, 0, 0, .. name, 0, 0, 0, 0x80, .. new byte[64]]); // a table of fields that lie before the file
        }
        yield return new(31, "repeated.tflite", limit, Lite.File(new FlatObject().Int32(0, 3).Repeated(2, 5000, new FlatObject().Repeated(0, 5000, Lite.Tensor("t", 0, 0, 4)))));
        yield return new(31, "repeated.ort", limit, Ort.File(Ort.Session(new FlatObject().Repeated(2, 5000, new FlatObject().Text(5, "Add").Repeated(10, 5000, new FlatObject().Text(0, "a"))))));
        var graph = new FlatObject();
        for (int level = 0; level < 200; level++) graph = new FlatObject().Tables(2, Ort.Node("If", "c", "y", Ort.Body("then_branch", graph)));
        yield return new(31, "deep.ort", limit, Ort.File(Ort.Session(graph)));
    }

    private static IEnumerable<HostileFile> Containers()
    {
        var (unreadable, limit) = (Diagnostics.PackageUnreadable, Diagnostics.ModelLimit);
        byte[] good = Packages.Of(("m.onnx", Dense));
        yield return new(33, "nested.nupkg", Diagnostics.NotAModel, Packages.Of(("inner.zip", good))); // not looked into
        yield return new(33, "twice.nupkg", unreadable, Packages.Of(("m.onnx", Dense), ("m.onnx", Dense)));
        yield return new(33, "bomb.nupkg", limit, Packages.Of(("m.onnx", Of(Onnx.Zeros("w", DataTypes.Float32, 17_000_000)))));
        yield return new(33, "checksum.nupkg", unreadable, Forged(good, 16, 1));
        yield return new(33, "encrypted.nupkg", unreadable, Forged(good, 8, 1));
        yield return new(33, "length.nupkg", unreadable, Forged(good, 24, 0x7F));
        yield return new(33, "cut.nupkg", unreadable, good[..^30]);
        yield return new(33, "cut.dll", Diagnostics.NotAModel, [.. "MZ"u8, .. new byte[200]]);
    }

    // Nothing but lengths, each of what is in it: a graph, its node, the node's attribute, and a graph again.
    private static byte[] NestedGraphs(int levels)
    {
        byte[] tags = [0x3A, 0x0A, 0x2A, 0x32]; // graph of a model; node, attribute, graph
        List<byte[]> pieces = [];
        int length = 0;
        for (int level = levels - 1; level >= 0; level--)
        {
            byte[] piece = [level == 0 ? tags[0] : tags[1 + ((level - 1) % 3)], .. Message.VarintOf((ulong)length)];
            pieces.Add(piece);
            length += piece.Length;
        }
        pieces.Reverse();
        return [.. pieces.SelectMany(static piece => piece)];
    }

    private static byte[] Of(params Message[] tensors) => Onnx.Model(new OnnxGraph().Initializer(tensors).Node("MatMul", "x w", "y")).ToArray();

    // A package whose directory says something else of its one entry.
    private static byte[] Forged(byte[] package, int field, byte bits)
    {
        byte[] forged = [.. package];
        forged[forged.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + field] ^= bits;
        return forged;
    }
}
