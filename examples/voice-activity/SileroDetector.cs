using Microsoft.ML.OnnxRuntime;

/// <summary>Silero VAD: the probability that a window of 32 ms at 16 kHz holds speech. Keeps its state from window to window.</summary>
internal sealed class SileroDetector(string model) : IDisposable
{
    public const int SampleRate = 16000, Window = 512;
    private const int Context = 64; // the end of the window before, which the network expects in front

    private readonly InferenceSession session = new(model);
    private readonly float[] samples = new float[Context + Window];
    private readonly float[] state = new float[2 * 128];

    public float Probability(ReadOnlySpan<float> window)
    {
        window.CopyTo(samples.AsSpan(Context));
        using var input = OrtValue.CreateTensorValueFromMemory(samples, [1, samples.Length]);
        using var memory = OrtValue.CreateTensorValueFromMemory(state, [2, 1, 128]);
        using var rate = OrtValue.CreateTensorValueFromMemory(new long[] { SampleRate }, []);
        using var options = new RunOptions();
        using var results = session.Run(options, ["input", "state", "sr"], [input, memory, rate], ["output", "stateN"]);

        results[1].GetTensorDataAsSpan<float>().CopyTo(state);
        samples.AsSpan(Window).CopyTo(samples);
        return results[0].GetTensorDataAsSpan<float>()[0];
    }

    public void Dispose() => session.Dispose();
}
