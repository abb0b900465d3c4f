using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>
/// Files built to make a reader take memory: as many of the smallest parts as the limits allow, a few bytes each. And to make it take time: parts
/// that all lead to the same others. What they take is the bound that README gives; each is read in a process of its own.
/// </summary>
internal static class DenseFiles
{
    private const byte Node = 0x0A, Tensor = 0x2A, Attribute = 0x2A, Declared = 0x5A, Name = 0x0A;

    private static readonly Dictionary<string, Func<string, string>> Files = new()
    {
        ["ONNX: 2,000,000 empty nodes"] = folder => Onnx(folder, Repeated(2_000_000, Node, 0)),
        ["ONNX: 1,000,000 empty tensors"] = folder => Onnx(folder, Repeated(1_000_000, Tensor, 4, 0x08, 0, 0x10, 1)),
        ["ONNX: 999,000 tensors of Constant nodes"] = folder => Onnx(folder, Repeated(999_000, [Node, 21, 0x22, 8, .. "Constant"u8, Attribute, 9, Name, 1, (byte)'v', Tensor, 4, 0x08, 0, 0x10, 1])),
        ["ONNX: 4,000,000 empty attributes"] = folder => Onnx(folder, Field(Node, Repeated(4_000_000, Attribute, 0))),
        ["ONNX: 1,000,000 empty bodies"] = folder => Onnx(folder, Field(Node, Field(Attribute, Repeated(1_000_000, 0x5A, 0)))),
        ["ONNX: 16,000,000 inputs of one node"] = folder => Onnx(folder, Field(Node, Repeated(16_000_000, Name, 1, (byte)'a'))),
        ["ONNX: 1,000,000 declared inputs"] = folder => Onnx(folder, Repeated(999_999, Declared, 0)),
        ["ONNX: 4,000,000 declared dimensions"] = folder => Onnx(folder, Repeated(62_500, Field(Declared, Field(0x12, Field(0x0A, Field(0x12, Repeated(64, 0x0A, 0))))))),
        ["ONNX: 999,000 functions"] = folder => Write(folder, "m.onnx", [.. Model([0x12, 0]), .. Repeated(999_000, 0xCA, 1, 0)]),
        ["ONNX: 999,000 training graphs"] = folder => Write(folder, "m.onnx", [.. Model([0x12, 0]), .. Repeated(499_000, 0xA2, 1, 4, 0x0A, 0, 0x12, 0)]),
        ["ONNX: 8,000,000 different names"] = folder => Onnx(folder, Field(Node, Names(8_000_000))),
        ["GGUF: 1,000,000 tensors"] = folder => Write(folder, "m.gguf", Gguf(1_000_000)),
        ["safetensors: 999,000 tensors"] = folder => Write(folder, "m.safetensors", Safetensors(999_000)),
        ["safetensors index: 1,000,000 tensors"] = WriteIndex,
        ["TensorFlow Lite: one tensor 260,000 times"] = folder => Write(folder, "m.tflite", Lite.File(Lite.Model([0], [Lite.Buffer(0)], new FlatObject().Repeated(0, 260_000, Lite.Tensor("t", 0, 0, 4))))),
        ["TensorFlow Lite: one node 260,000 times"] = folder => Write(folder, "m.tflite", Lite.File(Lite.Model([0], [Lite.Buffer(0)], new FlatObject().Tables(0, Lite.Tensor("t", 0, 0, 4)).Repeated(3, 260_000, Lite.Node(0, [0], 0))))),
        ["ORT format: one node 260,000 times"] = folder => Write(folder, "m.ort", Ort.File(Ort.Session(new FlatObject().Repeated(2, 260_000, new FlatObject().Text(5, "Add"))))),
        ["ORT format: one tensor 260,000 times"] = folder => Write(folder, "m.ort", Ort.File(Ort.Session(new FlatObject().Repeated(0, 260_000, Ort.Header("t", DataTypes.Float32, 0))))),
        ["zip: 200,000 empty entries"] = WriteZip,
        ["zip: 20,000 entries that say they have 60 MB"] = WriteLyingZip,
        ["ONNX: 990,000 tensors that lead to the same 256 uses"] = folder => Onnx(folder, [.. Repeated(990_000, Tensor, 7, 0x08, 0, 0x10, 1, 0x42, 1, (byte)'t'), .. Repeated(256, NodeOf("Clip", "x", "t"))]),
        ["ONNX: 1,900,000 products that search the same 256 nodes"] = folder => Onnx(folder, [.. SourcesOf("a"), .. Repeated(1_900_000, NodeOf("Attention", "a"))]),
        ["ONNX: 1,000,000 inputs of a body that 64 nodes feed"] = folder => Onnx(folder, Feeding()),
        ["ONNX: 900,000 tensors in graphs 30 deep"] = folder => Onnx(folder, Deep(Repeated(900_000, Declared, 6, Tensor, 4, 0x08, 0, 0x10, 1))),
    };

    /// <summary>Prints the table; true where every file was read or refused.</summary>
    public static bool Run(TextWriter output, Func<string, (int Exit, string Output)> child)
    {
        bool clean = true;
        output.WriteLine("| built to take memory | file | outcome | s | memory | times the file |");
        output.WriteLine("|---|--:|---|--:|--:|--:|");
        foreach (string name in Files.Keys)
        {
            var (exit, row) = child(name);
            output.WriteLine(exit == 0 ? row : $"| {name} | | **ended with {exit}** {row} | | | |");
            clean &= exit == 0;
        }

        return clean;
    }

    /// <summary>Reads one of them and prints its row.</summary>
    public static int ReadOne(string name, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-dense-").FullName;
        try
        {
            string path = Files[name](folder);
            long length = new FileInfo(path).Length;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            ResetPeak();
            long before = Status("VmRSS:");
            long began = Stopwatch.GetTimestamp();
            string outcome = Outcome(path);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            long taken = Status("VmHWM:") - before;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {length / 1e6:0.0} MB | {outcome} | {seconds:0.0} | {taken / 1e6:0} MB | {taken / (double)length:0} |"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Outcome(string path)
    {
        try
        {
            if (path.EndsWith(".zip", StringComparison.Ordinal))
                return string.Create(CultureInfo.InvariantCulture, $"{ContainerReader.Read(path).Count} models");
            var model = ModelReader.Read(path);
            _ = model.Inputs.Count;
            foreach (var metric in WeightCensus.All(model)) _ = metric.Value;
            return string.Create(CultureInfo.InvariantCulture, $"{model.Tensors.Count} tensors");
        }
        catch (ModelException exception)
        {
            return $"{exception.Kind.Code}";
        }
    }

    // Linux begins a new high-water mark where one asks for it; elsewhere nothing is told.
    private static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (IOException)
        {
            // Then the mark is that of the whole process.
        }
        catch (UnauthorizedAccessException)
        {
            // Likewise.
        }
    }

    private static long Status(string name)
    {
        foreach (string line in OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status") : [])
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line.AsSpan(name.Length, line.Length - name.Length - 3), CultureInfo.InvariantCulture) * 1024;
        }

        return 0;
    }

    private static string Write(string folder, string name, byte[] content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static string Onnx(string folder, byte[] graph) => Write(folder, "m.onnx", Model(graph));

    // ir_version, the graph, one operator set.
    private static byte[] Model(byte[] graph) => [0x08, 8, .. Field(0x3A, graph), 0x42, 2, 0x10, 17];

    private static byte[] Field(byte tag, byte[] content) => [tag, .. Varint(content.Length), .. content];

    private static byte[] Varint(int value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }

    private static byte[] Repeated(int times, params byte[] piece)
    {
        byte[] bytes = new byte[times * piece.Length];
        for (int index = 0; index < times; index++) piece.CopyTo(bytes, index * piece.Length);
        return bytes;
    }

    private static byte[] NodeOf(string @operator, params string[] inputs) =>
        Field(Node, [.. inputs.SelectMany(static input => Field(Name, Encoding.ASCII.GetBytes(input))), .. Field(0x22, Encoding.ASCII.GetBytes(@operator))]);

    // As many nodes as a search looks at, joined in one value.
    private static byte[] SourcesOf(string value)
    {
        string[] sources = [.. Enumerable.Range(0, 256).Select(static index => FormattableString.Invariant($"s{index}"))];
        byte[] joined = Field(Node, [.. sources.SelectMany(static source => Field(Name, Encoding.ASCII.GetBytes(source))), .. Field(0x12, Encoding.ASCII.GetBytes(value)), .. Field(0x22, "Concat"u8.ToArray())]);
        return [.. sources.SelectMany(static source => Field(Node, [.. Field(0x12, Encoding.ASCII.GetBytes(source)), .. Field(0x22, "Identity"u8.ToArray())])), .. joined];
    }

    private static byte[] Feeding()
    {
        string[] sources = [.. Enumerable.Range(0, 64).Select(static index => FormattableString.Invariant($"s{index}"))];
        byte[] body = [.. Field(Node, Repeated(1_000_000, Name, 1, (byte)'i')), .. Field(Declared, Field(Name, "i"u8.ToArray()))];
        byte[] scan = Field(Node, [.. sources.SelectMany(static source => Field(Name, Encoding.ASCII.GetBytes(source))), .. Field(0x22, "Scan"u8.ToArray()), .. Field(Attribute, Field(0x32, body))]);
        return [.. sources.SelectMany(static source => Field(Node, [.. Field(0x12, Encoding.ASCII.GetBytes(source)), .. Field(0x22, "Relu"u8.ToArray())])), .. scan];
    }

    // Nodes of long names around an attribute of many graphs.
    private static byte[] Deep(byte[] attribute)
    {
        byte[] graph = Around(attribute);
        for (int level = 0; level < 30; level++) graph = Around(Field(0x32, graph));
        return graph;

        static byte[] Around(byte[] attribute) => Field(Node, [.. Field(0x1A, Encoding.ASCII.GetBytes(new string('n', 200))), .. Field(Attribute, attribute)]);
    }

    private static byte[] Names(int count)
    {
        byte[] bytes = new byte[count * 6];
        for (int index = 0; index < count; index++)
        {
            (bytes[index * 6], bytes[(index * 6) + 1]) = (Name, 4);
            for (int digit = 0; digit < 4; digit++) bytes[(index * 6) + 2 + digit] = (byte)('0' + ((index >> (6 * digit)) & 0x3F));
        }

        return bytes;
    }

    private static byte[] Gguf(int count)
    {
        using var file = new MemoryStream();
        file.Write("GGUF"u8);
        file.Write(BitConverter.GetBytes(3u));
        file.Write(BitConverter.GetBytes((ulong)count));
        file.Write(BitConverter.GetBytes(0UL));
        for (int index = 0; index < count; index++)
        {
            file.Write(BitConverter.GetBytes(4UL));
            for (int digit = 0; digit < 4; digit++) file.WriteByte((byte)('0' + ((index >> (6 * digit)) & 0x3F)));
            file.Write(BitConverter.GetBytes(1u));
            file.Write(BitConverter.GetBytes(0UL));
            file.Write(BitConverter.GetBytes(0u));
            file.Write(BitConverter.GetBytes(0UL));
        }

        file.Write(new byte[64]);
        return file.ToArray();
    }

    private static byte[] Safetensors(int count)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write("{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        for (int index = 0; index < count; index++) text.Write($",\"{index}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        text.Write('}');
        return SafetensorsFile.Of(text.ToString(), 0);
    }

    private static string WriteIndex(string folder)
    {
        Write(folder, "a.safetensors", SafetensorsFile.Of("{}", 0));
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write("{\"weight_map\":{\"x\":\"a.safetensors\"");
        for (int index = 0; index < 1_000_000; index++) text.Write($",\"{index}\":\"a.safetensors\"");
        text.Write("}}");
        string path = Path.Combine(folder, "m.safetensors.index.json");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private static string WriteLyingZip(string folder)
    {
        string path = Path.Combine(folder, "m.zip");
        byte[] model = [.. Model([0x12, 0]), .. Field(0x32, new byte[600])]; // more than is looked at to tell what it is
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            for (int index = 0; index < 20_000; index++)
            {
                using var entry = archive.CreateEntry(FormattableString.Invariant($"{index}.onnx")).Open();
                entry.Write(model);
            }
        }

        byte[] bytes = File.ReadAllBytes(path);
        for (int at = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8); at >= 0;)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 24), 60_000_000);
            int next = bytes.AsSpan(at + 4).IndexOf("PK\u0001\u0002"u8);
            at = next < 0 ? -1 : at + 4 + next;
        }

        return Write(folder, "m.zip", bytes);
    }

    private static string WriteZip(string folder)
    {
        string path = Path.Combine(folder, "m.zip");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        for (int index = 0; index < 200_000; index++) archive.CreateEntry(index.ToString(CultureInfo.InvariantCulture), CompressionLevel.NoCompression);
        return path;
    }
}
