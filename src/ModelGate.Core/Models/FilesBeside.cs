namespace ModelGate.Models;

/// <summary>The files beside a model, which it may keep weights in: those in its folder, or those in the container that holds it.</summary>
internal abstract class FilesBeside
{
    /// <summary>Those in its folder.</summary>
    public static FilesBeside OnDisk { get; } = new FolderFiles();

    /// <summary>True where there is a file of this full path.</summary>
    public abstract bool Has(string path);

    /// <summary>The length of a file by its full path; null where there is none.</summary>
    /// <exception cref="ModelException">It is not what its container says.</exception>
    public abstract long? LengthOf(string path);

    /// <summary>Reads of a file what is needed of it.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="read">Reads it, from a seekable stream that it fills.</param>
    /// <exception cref="ModelException">It cannot be read, changed while it was, or is not what its container says.</exception>
    public abstract T Read<T>(string path, Func<Stream, T> read);

    private sealed class FolderFiles : FilesBeside
    {
        public override bool Has(string path) => File.Exists(path);

        public override long? LengthOf(string path)
        {
            var file = Links.Target(path) ?? new FileInfo(path);
            return file.Exists ? file.Length : null;
        }

        public override T Read<T>(string path, Func<Stream, T> read)
        {
            using var file = OpenedFile.Open(path);
            var result = read(file.Stream);
            file.CheckUnchanged();
            return result;
        }
    }
}
