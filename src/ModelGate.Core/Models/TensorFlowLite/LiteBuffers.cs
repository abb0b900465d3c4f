using System.Text;
using ModelGate.Models.FlatBuffers;

namespace ModelGate.Models.TensorFlowLite;

/// <summary>Where the bytes of tensors are: in the flatbuffer, behind it in the same file, or in files beside the model.</summary>
internal sealed class LiteBuffers
{
    private readonly PagedFile file;
    private readonly string model;
    private readonly FilesBeside beside;
    private readonly List<LiteBuffer?> inside = [];
    private readonly Dictionary<uint, LiteBuffer> outside = [];
    private readonly List<ExternalFile> groups = [];
    private readonly Dictionary<string, ExternalFile> byName = new(StringComparer.Ordinal), byPath = new(FilePaths.Comparer);

    /// <summary>Reads where they are; the files beside the model must be there.</summary>
    /// <exception cref="ModelException">A buffer lies out of its file, or a file is missing or out of the model's folder.</exception>
    public LiteBuffers(PagedFile file, FlatTable root, string path, FilesBeside beside)
    {
        this.file = file;
        this.beside = beside;
        model = Path.GetFullPath(path);
        var stored = root.Vector(Fields.Model.Buffers, sizeof(uint));
        for (var index = 0; index < stored.Count; index++) inside.Add(Inside(stored.Table(index)));
        var named = root.Vector(Fields.Model.ExternalGroups, sizeof(uint));
        var external = root.Vector(Fields.Model.ExternalBuffers, sizeof(uint));
        if (external.Count == 0) return;
        for (var index = 0; index < named.Count; index++) groups.Add(Beside(named.Table(index)));
        for (var index = 0; index < external.Count; index++) AddOutside(external.Table(index));
    }

    /// <summary>The files beside the model, each once, in the order it names them.</summary>
    public IReadOnlyList<ExternalFile> Files => [.. byPath.Values];

    /// <summary>The bytes of a tensor; null where it stores none.</summary>
    /// <exception cref="ModelException">It names a buffer that there is not.</exception>
    public LiteBuffer? Of(FlatTable tensor)
    {
        if (tensor.UInt32(Fields.Tensor.ExternalBuffer) is > 0 and var id)
            return outside.GetValueOrDefault(id) ?? throw PagedFile.Malformed(tensor.Position, $"a tensor has external buffer {id}, which the model does not describe");
        var number = tensor.UInt32(Fields.Tensor.Buffer);
        if (number < inside.Count) return inside[(int)number];
        return number == 0 ? null : throw PagedFile.Malformed(tensor.Position, $"a tensor has buffer {number} of {inside.Count}");
    }

    // In files of more than 2 GB the bytes stand behind the flatbuffer, where the buffer only says; offset 1 stands for bytes yet to come.
    private LiteBuffer? Inside(FlatTable buffer)
    {
        var data = buffer.Vector(Fields.Buffer.Data, sizeof(byte));
        if (data.Count > 0) return new LiteBuffer(null, data.Start, data.Count);
        var (offset, size) = (unchecked((ulong)buffer.Int64(Fields.Buffer.Offset)), unchecked((ulong)buffer.Int64(Fields.Buffer.Size)));
        if (offset <= 1 || size == 0) return null;
        if (offset > (ulong)file.Length || size > (ulong)file.Length - offset)
            throw PagedFile.Malformed(buffer.Position, $"a buffer takes {size} bytes from {offset}, beyond the end of the file ({file.Length}): it is truncated or damaged");
        return new LiteBuffer(null, (long)offset, (long)size);
    }

    private ExternalFile Beside(FlatTable group)
    {
        var name = Encoding.UTF8.GetString(group.Text(0));
        if (name.Length == 0) throw PagedFile.Malformed(group.Position, "a group of external buffers names no file");
        if (byName.TryGetValue(name, out var known)) return known;
        if (byName.Count == Limits.FilesBeside) throw new ModelException(Diagnostics.ModelLimit, $"the model names more than {Limits.FilesBeside} files beside itself");
        var path = Siblings.Locate(model, name, what => new ModelException(Diagnostics.ExternalDataRefused, $"at byte {group.Position}: buffers are kept in {Quoted.Name(name)}, {what}"));
        if (!byPath.TryGetValue(path, out var file)) byPath.Add(path, file = beside.LengthOf(path) is { } length ? new ExternalFile(path, length) : throw new ModelException(Diagnostics.ExternalDataMissing, $"a file of external buffers was not found beside the model: {Quoted.Name(name)}"));
        byName.Add(name, file);
        return file;
    }

    private void AddOutside(FlatTable buffer)
    {
        var group = buffer.UInt32(Fields.ExternalBuffer.Group);
        var (offset, length) = (unchecked((ulong)buffer.Int64(Fields.ExternalBuffer.Offset)), unchecked((ulong)buffer.Int64(Fields.ExternalBuffer.Length)));
        if (group >= groups.Count) throw PagedFile.Malformed(buffer.Position, $"an external buffer lies in group {group} of {groups.Count}");
        var holder = groups[(int)group];
        if (offset > (ulong)holder.Length || length > (ulong)holder.Length - offset)
            throw new ModelException(Diagnostics.ExternalDataRange, $"at byte {buffer.Position}: an external buffer takes {length} bytes from {offset}, beyond the end ({holder.Length}) of {Quoted.Name(Path.GetFileName(holder.Path))}");
        var id = buffer.UInt32(Fields.ExternalBuffer.Id);
        if (!outside.TryAdd(id, new LiteBuffer(holder.Path, (long)offset, (long)length))) throw PagedFile.Malformed(buffer.Position, $"external buffer {id} is described twice");
    }
}
