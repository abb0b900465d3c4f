using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Two models on the same inputs, one input after the other: what their outputs have in common. Nothing is kept but sums.</summary>
internal static class OutputComparison
{
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
        for (int sample = 0; sample < count; sample++)
        {
            var maker = new InputMaker(shared, order.Seed + sample, order.Dimensions);
            var inputs = samples is null ? maker.Make(model.Session) : samples.Next();
            using var outputs = model.RunFirst(inputs, maker.Assumed);
            using var outputsOfOther = other.RunFirst(InOrderOf(other.Session, model.Session, inputs), maker.Assumed);
            foreach (var pair in pairs)
                pair.Add(outputs[pair.Index], outputsOfOther[pair.IndexOfOther]);
            if (samples?.Labels is { } given)
                labels.Add(given, pairs.FirstOrDefault(static pair => pair.Predicted.Count > 0));
            foreach (var input in inputs)
                input.Dispose();
        }

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
        private long labels, correct, correctOfOther;

        public Accuracy? Result => labels > 0 ? new(labels, correct, correctOfOther) : null;

        public void Add(Queue<long> given, OutputPair? scores)
        {
            foreach (var (predicted, predictedByOther) in scores?.Predicted ?? [])
            {
                if (!given.TryDequeue(out long label))
                    return;
                labels++;
                correct += predicted == label ? 1 : 0;
                correctOfOther += predictedByOther == label ? 1 : 0;
            }
        }
    }
}
