namespace ModelGate.Models.Containers;

/// <summary>What came of reading a model inside a container.</summary>
/// <param name="Place">Path of the container, and the model's place in it.</param>
/// <param name="Model">Its structure; null where it cannot be read.</param>
/// <param name="Error">Why not.</param>
public sealed record ContainedReading(string Place, ModelFile? Model, ModelException? Error);

/// <summary>Reads the models inside a zip, a nupkg or a .NET assembly in place: nothing is extracted and nothing is loaded.</summary>
public static class ContainerReader
{
    /// <summary>The models in a file; none where it is no container, or holds none.</summary>
    /// <exception cref="ModelException">The container cannot be opened, is damaged, or contradicts itself.</exception>
    public static IReadOnlyList<ContainedReading> Read(string path)
    {
        using (var file = OpenedFile.Open(path))
        {
            Span<byte> magic = stackalloc byte[(int)Math.Min(4, file.Length)];
            file.Stream.ReadExactly(magic);
            if (magic.StartsWith("MZ"u8)) return Each(ContainedModels.InAssembly(file.Stream, "", () => file.Stream, opensAnew: false), path);
            if (!magic.SequenceEqual("PK\u0003\u0004"u8)) return [];
        }
        using var package = PackageFile.Open(path);
        return Each(package.Models(), path);
    }

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
