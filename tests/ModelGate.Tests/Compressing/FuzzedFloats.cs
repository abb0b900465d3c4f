namespace ModelGate.Tests.Compressing;

/// <summary>Finite float32 values where conversions go wrong: any bits, ties, denormals, the edges of float16, zeros of both signs.</summary>
internal static class FuzzedFloats
{
    public static float[] Finite(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var index = 0; index < count; index++) values[index] = Next(random);
        return values;
    }

    private static float Next(Random random)
    {
        var bits = (uint)random.NextInt64(1L << 32);
        var value = random.Next(8) switch
        {
            0 => bits, // anything
            1 => (bits & 0xFFFF_E000) | 0x1000, // half-way between two float16
            2 => (bits & 0xFFFF_0000) | 0x8000, // half-way between two bfloat16
            3 => bits & 0x807F_FFFF, // denormal
            4 => (bits & 0x807F_FFFF) | ((102u + (bits >> 25) % 14) << 23), // about float16's subnormals
            5 => (bits & 0x807F_FFFF) | (142u << 23), // about 65504
            6 => bits & 0x8000_0000,
            _ => (bits & 0x807F_FFFF) | ((113u + (bits >> 20) % 30) << 23), // float16's normal range
        };
        return (value & 0x7F80_0000) == 0x7F80_0000 ? BitConverter.UInt32BitsToSingle(value & 0xBFFF_FFFF) : BitConverter.UInt32BitsToSingle(value);
    }
}
