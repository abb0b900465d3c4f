using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>The files that a model's weights lie in, opened once and read from many threads.</summary>
internal sealed class WeightFiles : IDisposable
{
    private readonly OpenedFile model;
    private readonly Dictionary<string, OpenedFile> others = new(FilePaths.Comparer);

    /// <summary>Opens them.</summary>
    /// <exception cref="ModelException">One cannot be opened.</exception>
    public WeightFiles(ModelFile of)
    {
        model = OpenedFile.Open(of.Path);
        try
        {
            foreach (var file in of.ExternalFiles)
            {
                if (file.Length > 0) others.Add(file.Path, OpenedFile.Open(file.Path));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Fills a buffer from a place in a tensor's bytes.</summary>
    /// <exception cref="ModelException">The file has become shorter.</exception>
    public void Read(DataRange data, long at, Span<byte> buffer)
    {
        var file = data.File is null ? model : others[data.File];
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(file.Handle, buffer[done..], data.Offset + at + done);
            if (read == 0) throw new ModelException(Diagnostics.ModelChanged, "a file of the model became shorter while it was read");
            done += read;
        }
    }

    /// <summary>Makes sure that all are still what they were.</summary>
    /// <exception cref="ModelException">One has changed.</exception>
    public void CheckUnchanged()
    {
        model.CheckUnchanged();
        foreach (var file in others.Values) file.CheckUnchanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        model.Dispose();
        foreach (var file in others.Values) file.Dispose();
    }
}
