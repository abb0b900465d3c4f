using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ModelGate.Benchmarks;

/// <summary>What the Python tools do for the same conversions, in numpy (Debian's python3-numpy, else whatever `python3` has), on 64 MB: their steps, not their code.</summary>
internal static class NumpySteps
{
    // One channel after the other for int8, as onnxruntime.quantization does it; that joins each to those before it, so the time it takes
    // grows with the square of their number, and it is timed here put together at once as well. Four passes of clamping before the cast for
    // float16, as onnxconverter-common does it.
    private const string Script = """
        import time
        import numpy as np
        weights = ((np.random.default_rng(1).random((512, 32768), dtype=np.float32) - 0.5) * 0.1)

        def int8(w):
            rows = []
            for channel in range(w.shape[0]):
                x = w.take(channel, 0)
                limit = max(abs(float(x.min())), abs(float(x.max())))
                scale = np.float32(limit / 127)
                rows.append(np.clip((x.astype(np.float32) / scale).round(), -127, 127).astype(np.int8))
            return rows

        def joined(rows):
            made = rows[0].reshape(1, -1)
            for row in rows[1:]:
                made = np.concatenate((made, row.reshape(1, -1)), 0)
            return made

        def fp16(w):
            for low, high, value in ((0, 5.96e-8, 5.96e-8), (-5.96e-8, 0, -5.96e-8), (65504, np.inf, 65504), (-np.inf, -65504, -65504)):
                w = np.where(np.logical_and(low < w, w < high), np.float32(value), w)
            return w.astype(np.float16)

        for name, convert in (('int8', lambda w: joined(int8(w))), ('int8 put together at once', lambda w: np.stack(int8(w))), ('fp16', fp16)):
            times = []
            for _ in range(5):
                began = time.perf_counter()
                made = convert(weights)
                times.append(time.perf_counter() - began)
            print(name, (weights.nbytes + made.nbytes) / sorted(times)[2])
        """;

    /// <summary>Bytes read and written per second, by scheme and way; empty where there is no numpy.</summary>
    public static IReadOnlyDictionary<string, double> BytesPerSecond()
    {
        foreach (string python in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                string output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                    return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture));
            }
            catch (Win32Exception)
            {
                // There is no such program.
            }
        }

        return new Dictionary<string, double>();
    }
}
