// Where in a recording somebody speaks: `dotnet run`, or `dotnet run -- speech.wav` (16 kHz, mono, 16 bit).
float[] silence = new float[SileroDetector.SampleRate];
float[] audio = args is [var file] ? Wave.Read(file) : [.. silence, .. SyntheticVoice.Speak(2), .. silence];

using var detector = new SileroDetector(Path.Combine(AppContext.BaseDirectory, "silero_vad.onnx"));
int? began = null;
for (int at = 0; at + SileroDetector.Window <= audio.Length; at += SileroDetector.Window)
{
    bool speaks = detector.Probability(audio.AsSpan(at, SileroDetector.Window)) >= 0.5f;
    if (speaks && began is null)
        began = at;
    if (!speaks && began is { } start)
    {
        Print(start, at);
        began = null;
    }
}
if (began is { } last)
    Print(last, audio.Length);

static void Print(int start, int end) =>
    Console.WriteLine(FormattableString.Invariant($"speech from {(double)start / SileroDetector.SampleRate:0.0} s to {(double)end / SileroDetector.SampleRate:0.0} s"));
