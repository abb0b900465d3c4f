namespace ModelGate.MSBuild;

/// <summary>The file extensions that mark a deployed file as a model; the same that the tool looks for on disk.</summary>
internal static class ModelExtensions
{
    private static readonly string[] All =
        [".onnx", ".ort", ".safetensors", ".gguf", ".tflite", ".pt", ".pth", ".h5", ".keras", ".mlmodel", ".mlnet"];

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
