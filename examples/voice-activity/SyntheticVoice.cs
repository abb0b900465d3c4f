/// <summary>A voice made of a glottal pulse train through three formants, so that the example needs no recording.</summary>
internal static class SyntheticVoice
{
    // Formants of a, e, i, o, u in Hz (Peterson and Barney, 1952).
    private static readonly float[][] Vowels = [[730, 1090, 2440], [530, 1840, 2480], [270, 2290, 3010], [570, 840, 2410], [300, 870, 2240]];

    /// <summary>Five syllables a second of vowels, at 16 kHz, within ±1.</summary>
    public static float[] Speak(double seconds)
    {
        var samples = new float[(int)(seconds * SileroDetector.SampleRate)];
        var noise = new Random(1);
        double phase = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / SileroDetector.SampleRate, pitch = 120 + 20 * Math.Sin(2 * Math.PI * 0.7 * t) + 3 * Math.Sin(2 * Math.PI * 5 * t);
            phase += pitch / SileroDetector.SampleRate;
            double pulse = phase % 1 < 0.4 ? Math.Sin(Math.PI * (phase % 1) / 0.4) : 0;
            samples[i] = (float)(pulse - 0.25 + 0.02 * (noise.NextDouble() - 0.5));
        }

        int syllable = SileroDetector.SampleRate / 5;
        for (int start = 0, vowel = 0; start < samples.Length; start += syllable, vowel++)
        {
            var part = samples.AsSpan(start, Math.Min(syllable, samples.Length - start));
            float[] formants = Vowels[vowel % Vowels.Length];
            for (int formant = 0; formant < formants.Length; formant++)
                Resonate(part, formants[formant], 60 + 40 * formant);
            for (int i = 0; i < part.Length; i++)
                part[i] *= MathF.Sin(MathF.PI * i / syllable);
        }

        float loudest = samples.Max(MathF.Abs);
        for (int i = 0; i < samples.Length; i++)
            samples[i] *= 0.5f / loudest;
        return samples;
    }

    // A two-pole resonator: one formant.
    private static void Resonate(Span<float> samples, float frequency, float bandwidth)
    {
        float r = MathF.Exp(-MathF.PI * bandwidth / SileroDetector.SampleRate), c = 2 * r * MathF.Cos(2 * MathF.PI * frequency / SileroDetector.SampleRate);
        float one = 0, two = 0;
        foreach (ref float sample in samples)
            (sample, two, one) = (sample * (1 - r) + c * one - r * r * two, one, sample * (1 - r) + c * one - r * r * two);
    }
}
