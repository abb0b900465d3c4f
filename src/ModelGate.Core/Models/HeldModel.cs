namespace ModelGate.Models;

/// <summary>A model and its external data, held open while they are worked with: where a file is replaced meanwhile, what was found is of two models.</summary>
public sealed class HeldModel : IDisposable
{
    private readonly List<(string Path, OpenedFile File)> external = [];

    private HeldModel(string path) => File = OpenedFile.Open(path);

    /// <summary>The model's own file.</summary>
    public OpenedFile File { get; }

    /// <summary>Its structure.</summary>
    public ModelFile Structure { get; private set; } = null!;

    /// <summary>Opens a model and its external data.</summary>
    /// <param name="path">Path of the model.</param>
    /// <param name="read">Reads its structure.</param>
    /// <exception cref="ModelException">A file cannot be opened or read.</exception>
    public static HeldModel Open(string path, Func<OpenedFile, ModelFile> read)
    {
        var held = new HeldModel(path);
        try
        {
            held.Structure = read(held.File);
            foreach (var data in held.Structure.ExternalFiles.Where(static data => data.Length > 0)) held.external.Add((data.Path, Named(data.Path, () => OpenedFile.Open(data.Path))));
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that all of them are what they were.</summary>
    /// <exception cref="ModelException">One has changed, or was replaced or removed.</exception>
    public void CheckUnchanged()
    {
        File.CheckUnchanged();
        foreach (var (path, file) in external)
        {
            Named(path, () =>
            {
                file.CheckUnchanged();
                return file;
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Dispose();
        foreach (var (_, file) in external) file.Dispose();
    }

    // What is wrong is told of the model, which is another file.
    private static OpenedFile Named(string path, Func<OpenedFile> look)
    {
        try
        {
            return look();
        }
        catch (ModelException e)
        {
            throw new ModelException(e.Kind, $"{Path.GetFileName(path)}: {e.Message}", e);
        }
    }
}
