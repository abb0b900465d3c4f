using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Two models on the same inputs, one input after the other: what their outputs have in common. Nothing is kept but sums.</summary>
internal static class OutputComparison
{
    // How often the parent hears how far it came: it tells that where time runs out.
    private static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(0.5);

    /// <summary>Takes an order from two sessions to what their outputs have in common.</summary>
    /// <exception cref="WorkerException">A model is refused, cannot be fed, fails, or takes other inputs than the other one.</exception>
    /// <exception cref="OnnxRuntimeException">An inference fails.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Take(WorkerOrder order, WorkerFidelity fidelity, Parent parent)
    {
        using var options = LoadedModel.Options(order);
        using var other = Load(fidelity.Model, options);
        using var model = Load(order.Model, options);
        var shared = SharedInputs.Of(model.Session, other.Session, order.Inputs);
        using var samples = fidelity.Samples is { } file ? SampleFile.Open(file, model.Session, other.Session) : null;
        // Inputs that all come from files are the same each time.
        int count = samples?.Count ?? (model.Session.InputMetadata.Keys.All(name => shared.Any(input => input.Name == name && input.Data is not null)) ? 1 : fidelity.Count);
        var pairs = OutputPair.Of(model.Session, other.Session);
        var labels = new LabelCount();
        long told = Stopwatch.GetTimestamp();
        for (int sample = 0; sample < count; sample++)
        {
            var maker = new InputMaker(shared, order.Seed + sample, order.Dimensions);
            var inputs = samples is null ? maker.Make(model.Session) : samples.Next();
            using var outputs = model.RunFirst(inputs, maker);
            using var outputsOfOther = other.RunFirst(InOrderOf(other.Session, model.Session, inputs), maker);
            foreach (var pair in pairs)
                pair.Add(outputs[pair.Index], outputsOfOther[pair.IndexOfOther]);
            if (samples?.Labels is { } given)
                labels.Add(given, pairs.FirstOrDefault(static pair => pair.Predicted.Count > 0));
            foreach (var input in inputs)
                input.Dispose();
            if (samples is not null && Stopwatch.GetElapsedTime(told) > BetweenWords)
            {
                parent.Say(new() { Step = "comparing", Samples = sample + 1, AllSamples = count });
                told = Stopwatch.GetTimestamp();
            }
        }

        if (samples?.Labels is { } left && labels.Unlike(left) is { } classes)
            throw samples.WrongLabels(labels.Given(left), classes);

        parent.Say(new() { Step = "compared", Samples = count, Outputs = [.. pairs.Select(static pair => pair.Result)], Accuracy = labels.Result });
    }

    private static LoadedModel Load(string path, SessionOptions options)
    {
        try
        {
            return new(path, options);
        }
        catch (WorkerException e)
        {
            throw new WorkerException(e.Code, $"{Path.GetFileName(path)}: {e.Message}");
        }
    }

    private static OrtValue[] InOrderOf(InferenceSession session, InferenceSession given, OrtValue[] inputs)
    {
        var byName = given.InputMetadata.Keys.Zip(inputs).ToDictionary(static input => input.First, static input => input.Second);
        return [.. session.InputMetadata.Keys.Select(name => byName[name])];
    }

    /// <summary>Holds predictions against labels, in the order both come in.</summary>
    private sealed class LabelCount
    {
        private long labels, correct, correctOfOther, unlabelled;

        /// <summary>Labels that there were, those left over included.</summary>
        public long Given(Queue<long> left) => labels + left.Count;

        /// <summary>How many classes the models chose, where that is not how many labels there were; null where it is, or where they chose none.</summary>
        public long? Unlike(Queue<long> left) => labels + unlabelled is > 0 and var classes && (unlabelled > 0 || left.Count > 0) ? classes : null;

        public Accuracy? Result => labels > 0 ? new(labels, correct, correctOfOther) : null;

        public void Add(Queue<long> given, OutputPair? scores)
        {
            foreach (var (predicted, predictedByOther) in scores?.Predicted ?? [])
            {
                if (!given.TryDequeue(out long label))
                {
                    unlabelled++;
                    continue;
                }

                labels++;
                correct += predicted == label ? 1 : 0;
                correctOfOther += predictedByOther == label ? 1 : 0;
            }
        }
    }
}
