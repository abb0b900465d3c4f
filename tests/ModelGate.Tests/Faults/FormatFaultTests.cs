using ModelGate.TestModels;

namespace ModelGate.Tests.Faults;

/// <summary>Rows 29 to 33 of the fault table: formats other than ONNX, built to do harm, in a process that may take 100 MB.</summary>
[TestClass]
public sealed class FormatFaultTests : IDisposable
{
    private static readonly Dictionary<string, string?> LittleMemory = new() { ["DOTNET_GCHeapHardLimit"] = "6400000" }; // hexadecimal

    private readonly Workplace at = new();

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_29_to_32_harmful_files_are_refused_within_their_memory()
    {
        at.Write("length.safetensors", [.. BitConverter.GetBytes(1UL << 63), (byte)'{']);
        at.Write("long.safetensors", [.. BitConverter.GetBytes(99_000_000UL), (byte)'{', (byte)'}']);
        at.Write("holes.safetensors", SafetensorsFile.Of("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3,4]}}", 4));
        at.Write("array.gguf", new GgufFile().Key("k", 9, [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes(1UL << 63)]).ToArray());
        at.Write("nested.gguf", new GgufFile().Key("k", 9, [.. Enumerable.Repeat((byte[])[.. BitConverter.GetBytes(9u), .. BitConverter.GetBytes(1UL)], 10_000).SelectMany(level => level)]).ToArray());
        at.Write("rank.gguf", new GgufFile().Tensor("t", 0, 4, [.. Enumerable.Repeat(1UL, 5000)]).ToArray());
        at.Write("aligned.gguf", new GgufFile().Key("general.alignment", 1u << 30).ToArray());
        at.Write("repeated.tflite", Lite.File(new FlatObject().Int32(0, 3).Repeated(2, 5000, new FlatObject().Repeated(0, 5000, Lite.Tensor("t", 0, 0, 4)))));
        at.Write("offset.tflite", [0xF0, 0xFF, 0xFF, 0xFF, .. "TFL3"u8, .. new byte[64]]);
        at.Write("repeated.ort", Ort.File(Ort.Session(new FlatObject().Repeated(2, 5000, new FlatObject().Text(5, "Add").Repeated(10, 5000, new FlatObject().Text(0, "a"))))));
        at.Write("object.pt", [0x80, 2, (byte)'c', .. "os\nsystem\n"u8]);
        string[] files = ["length.safetensors", "long.safetensors", "holes.safetensors", "array.gguf", "nested.gguf", "rank.gguf", "aligned.gguf", "repeated.tflite", "offset.tflite", "repeated.ort", "object.pt"];
        at.Judge("parameters: 1", files);

        var run = ToolProcess.Run(at.Path, LittleMemory, "check");

        run.Is(3).Says($"{files.Length} unmeasured").Says("MG3011: object.pt: parameters was not measured: the file is a Python pickle");
    }
}
