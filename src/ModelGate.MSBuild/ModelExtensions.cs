namespace ModelGate.MSBuild;

/// <summary>The file extensions that mark a deployed file as a model; the same as ModelGate.Core's, which a test compares.</summary>
internal static class ModelExtensions
{
    internal static readonly string[] All = [".onnx", ".ort", ".safetensors", ".gguf", ".tflite", ".pt", ".pth", ".h5", ".keras", ".mlmodel"];

    /// <summary>True for a model's extension, with its dot, whatever its case.</summary>
    public static bool Contains(string extension)
    {
        foreach (string known in All)
        {
            if (known.Equals(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
