using System.Buffers.Binary;

/// <summary>Reads the simplest of sound files.</summary>
internal static class Wave
{
    private const int Header = 44;

    /// <summary>The samples of a 16 kHz mono 16-bit WAV file, within ±1.</summary>
    public static float[] Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bool isExpected = bytes.Length > Header && bytes.AsSpan(8, 4).SequenceEqual("WAVE"u8)
            && bytes[22] == 1 && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)) == SileroDetector.SampleRate && bytes[34] == 16;
        if (!isExpected)
            throw new InvalidDataException($"{path} is not a 16 kHz mono 16-bit WAV file.");
        var samples = new float[(bytes.Length - Header) / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(Header + 2 * i)) / 32768f;
        return samples;
    }
}
