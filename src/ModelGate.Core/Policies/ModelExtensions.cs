namespace ModelGate.Policies;

/// <summary>
/// Which files are taken for models by name alone: by a glob that leaves the extension open, and when a build deploys a file that no
/// entry matches. What a file really is, its content says. Extensions that mostly belong to other things (.bin and .data hold external
/// data, ML.NET's .zip is an archive like any other) are not listed: such models are named with their extension in the policy. Compiled into the tool and into the MSBuild task.
/// </summary>
public static class ModelExtensions
{
    /// <summary>The extensions, in lower case with their dot.</summary>
    public static IReadOnlyList<string> All { get; } = [".onnx", ".ort", ".safetensors", ".gguf", ".tflite", ".pt", ".pth", ".h5", ".keras", ".mlmodel"];

    /// <summary>True where a file's name says that it is a model; case has no say.</summary>
    public static bool Match(string path)
    {
        string extension = Path.GetExtension(path);
        foreach (string known in All)
        {
            if (known.Equals(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
