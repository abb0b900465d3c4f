using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelGate.Tests.Measuring.Outputs;

/// <summary>Archives of arrays as numpy.savez writes them.</summary>
internal static class NumpyFiles
{
    /// <summary>Writes an archive and returns its path.</summary>
    public static string Save(string path, params (string Name, byte[] Array)[] arrays)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, array) in arrays)
        {
            using var entry = archive.CreateEntry(name + ".npy").Open();
            entry.Write(array);
        }

        return path;
    }

    public static byte[] Floats(long[] shape, params float[] values) => Array("<f4", shape, MemoryMarshal.AsBytes<float>(values));

    public static byte[] Longs(long[] shape, params long[] values) => Array("<i8", shape, MemoryMarshal.AsBytes<long>(values));

    // Magic, version 1.0, length of the header, the header padded to 64 bytes, the data.
    private static byte[] Array(string type, long[] shape, ReadOnlySpan<byte> values)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Concat(shape.Select(size => size + ", "))}), }}";
        header = header.PadRight(((10 + header.Length + 1 + 63) / 64 * 64) - 11) + "\n";
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. values];
    }
}
