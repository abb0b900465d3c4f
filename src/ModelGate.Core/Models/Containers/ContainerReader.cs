namespace ModelGate.Models.Containers;

/// <summary>What came of reading a model inside a container.</summary>
/// <param name="Place">Path of the container, and the model's place in it.</param>
/// <param name="Model">Its structure; null where it cannot be read.</param>
/// <param name="Error">Why not.</param>
public sealed record ContainedReading(string Place, ModelFile? Model, ModelException? Error);

/// <summary>Reads the models inside a zip, a nupkg or a .NET assembly in place: nothing is extracted and nothing is loaded.</summary>
public static class ContainerReader
{
    /// <summary>The models in a file; none where it is no container, or a model itself of a format that only the size is known of.</summary>
    /// <exception cref="ModelException">The container cannot be opened, is damaged, contradicts itself, or holds no model.</exception>
    public static IReadOnlyList<ContainedReading> Read(string path)
    {
        using (var file = OpenedFile.Open(path))
        {
            Span<byte> magic = stackalloc byte[(int)Math.Min(4, file.Length)];
            file.Stream.ReadExactly(magic);
            if (magic.StartsWith("MZ"u8)) return Each(NotNone(ContainedModels.InAssembly(file.Stream, "", () => file.Stream, opensAnew: false), "a Windows binary without a model among its resources"), path);
            if (!magic.SequenceEqual("PK\u0003\u0004"u8)) return [];
        }
        using var package = PackageFile.Open(path);
        var models = package.Models();
        return Each(package.IsModel || SizeOnlyModels.HasName(path) ? models : NotNone(models, "a zip archive without a model among its entries"), path);
    }

    private static IReadOnlyList<ContainedModel> NotNone(IReadOnlyList<ContainedModel> models, string what) =>
        models.Count > 0 ? models : throw new ModelException(Diagnostics.NotAModel, $"the file is {what}");

    private static List<ContainedReading> Each(IReadOnlyList<ContainedModel> models, string path)
    {
        List<ContainedReading> read = [];
        foreach (var model in models)
        {
            var place = $"{path}/{model.Place}";
            try
            {
                read.Add(new(place, model.Read(path), null));
            }
            catch (ModelException exception)
            {
                read.Add(new(place, null, exception));
            }
        }
        return read;
    }
}
