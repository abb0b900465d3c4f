using System.IO.Compression;

namespace ModelGate.Models.Containers;

/// <summary>
/// Which files are models of a format that only their size is known of. What these begin with is not theirs alone (a zip or a pickle may hold
/// anything), so that their name has to agree, or of a zip the names of its entries.
/// </summary>
internal static class SizeOnlyModels
{
    private static readonly string[] Endings = [".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".h5", ".hdf5", ".keras", ".mlnet", ".mlmodel", "pytorch_model.bin"];

    /// <summary>True of a name that such models have.</summary>
    public static bool HasName(string name) => Array.Exists(Endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>True of a zip that is a model itself, as PyTorch, Keras and ML.NET write it.</summary>
    public static bool IsZipped(IReadOnlyList<ZipArchiveEntry> entries)
    {
        var (weights, configuration) = (false, false);
        foreach (var entry in entries)
        {
            if (entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal) || entry.FullName.Replace('\\', '/') is "TransformerChain/Model.key" or "Model.key") return true;
            weights |= entry.FullName == "model.weights.h5";
            configuration |= entry.FullName == "config.json";
        }
        return weights && configuration;
    }
}
