using ModelGate.Measuring;
using ModelGate.Tests.Measuring.Latency;
using ModelGate.Tool;

namespace ModelGate.Tests.Tool;

[TestClass]
public sealed class TimingProgressTests
{
    private static readonly double[] Eight = [0.0079, 0.0080, 0.0081, 0.0080, 0.0082, 0.0080, 0.0079, 0.0081];

    [TestMethod]
    public void Restarts_and_interval_of_a_metric_stand_on_one_line()
    {
        Assert.AreEqual("\rdetector: 1 s, 3 restarts, latency.p50 8 ms", Shown(100, Progress(1, "latency.p50", Eight[..3])));
        Assert.AreEqual("\rdetector: 3 s, 8 restarts, latency.p50 8 ms [7.9 ms, 8.2 ms]", Shown(100, Progress(3, "latency.p50", Eight)));
    }

    [TestMethod]
    public void As_many_metrics_are_shown_as_the_terminal_has_room_for_and_each_whole()
    {
        var progress = new LatencyProgress(false, 1, [.. Workers.Metrics("latency.p50", "latency.p90", "latency.p95").Select(metric => new Measurement.Sampled(metric, Eight[..3], 90, false))]);
        Assert.AreEqual("\rdetector: 1 s, 3 restarts, latency.p50 8 ms, latency.p90 8 ms", Shown(70, progress));
        Assert.AreEqual("\rdetector: 1 s, 3 re", Shown(20, progress));
    }

    [TestMethod]
    public void A_shorter_line_covers_the_one_before_and_nothing_is_left_at_the_end() =>
        Assert.AreEqual("\rdetector: waiting for other work on this machine, 2 s\rdetector: 1 s, 3 restarts, latency.p50 8 ms".PadRight(108) + "\r" + new string(' ', 43) + "\r",
            Shown(100, new LatencyProgress(true, 2, []), Progress(1, "latency.p50", Eight[..3]), null));

    [TestMethod]
    public void Of_a_long_path_the_end_is_shown_and_the_figures_keep_their_room()
    {
        using var error = new StringWriter();
        new TimingProgress(new(TextWriter.Null, error, OutColor: false, ShowsProgress: true, Unicode: true, 80)).Show("/srv/checkouts/contoso/vision/models/released/detector.onnx", 0.99, Progress(1, "latency.p50", Eight[..3]));
        Assert.AreEqual("\r.../vision/models/released/detector.onnx: 1 s, 3 restarts, latency.p50 8 ms", error.ToString());
    }

    [TestMethod]
    public void Nobody_watching_is_shown_nothing() => Assert.AreEqual("", Shown(100, watched: false, Progress(1, "latency.p50", Eight)));

    private static LatencyProgress Progress(double elapsed, string metric, double[] restarts) =>
        new(false, elapsed, [new Measurement.Sampled(Workers.Metrics(metric)[0], restarts, 90, false)]);

    private static string Shown(int width, params LatencyProgress?[] states) => Shown(width, watched: true, states);

    // Null takes the line away.
    private static string Shown(int width, bool watched, params LatencyProgress?[] states)
    {
        using var error = new StringWriter();
        var progress = new TimingProgress(new(TextWriter.Null, error, OutColor: false, ShowsProgress: watched, Unicode: true, width));
        foreach (var state in states)
        {
            if (state is null)
                progress.Clear();
            else
                progress.Show("detector", 0.99, state);
        }

        return error.ToString();
    }
}
