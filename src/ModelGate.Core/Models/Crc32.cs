namespace ModelGate.Models;

/// <summary>The checksum of zip and gzip (ISO 3309, reflected polynomial EDB88320), eight bytes at a time.</summary>
internal static class Crc32
{
    private const int Slices = 8;
    private static readonly uint[] Table = MakeTable();

    /// <summary>Goes on from the checksum of what came before; 0 to begin with.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var crc = ~checksum;
        for (; bytes.Length >= Slices; bytes = bytes[Slices..])
        {
            crc ^= (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24));
            crc = Table[(7 * 256) + (byte)crc] ^ Table[(6 * 256) + (byte)(crc >> 8)] ^ Table[(5 * 256) + (byte)(crc >> 16)] ^ Table[(4 * 256) + (crc >> 24)]
                ^ Table[(3 * 256) + bytes[4]] ^ Table[(2 * 256) + bytes[5]] ^ Table[256 + bytes[6]] ^ Table[bytes[7]];
        }
        foreach (var value in bytes)
            crc = (crc >> 8) ^ Table[(byte)(crc ^ value)];
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Slices * 256];
        for (var value = 0u; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            table[value] = crc;
        }
        for (var index = 256; index < table.Length; index++)
            table[index] = (table[index - 256] >> 8) ^ table[(byte)table[index - 256]];
        return table;
    }
}
