using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>A model with its session, ready to be run again and again on inputs and outputs that stay where they are.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly RunOptions options = new();
    private readonly List<OrtValue> places = [];
    private OrtIoBinding? binding;

    /// <summary>Creates the session of a model.</summary>
    /// <exception cref="WorkerException">MG4007: the runtime refuses it.</exception>
    public LoadedModel(string model, SessionOptions session)
    {
        try
        {
            Session = new(model, session);
        }
        catch (OnnxRuntimeException e)
        {
            throw new WorkerException("MG4007", $"the runtime said: {e.Message}");
        }
    }

    /// <summary>How sessions are set up that are timed.</summary>
    /// <exception cref="WorkerException">MG4016: a provider cannot be had.</exception>
    public static SessionOptions Options(WorkerOrder order)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = order.IntraOpThreads,
            InterOpNumThreads = order.InterOpThreads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        foreach (string provider in order.Providers)
            SessionProviders.Append(options, provider, order.IntraOpThreads);
        return options;
    }

    /// <summary>The session.</summary>
    public InferenceSession Session { get; }

    /// <summary>The first inference. Its outputs are the caller's.</summary>
    /// <param name="inputs">One per input, in the session's order.</param>
    /// <param name="maker">Who made the inputs; null where they have been tried before.</param>
    /// <exception cref="WorkerException">MG4008 or MG4009: it fails, and what nobody said of the inputs may be why.</exception>
    public IDisposableReadOnlyCollection<OrtValue> RunFirst(OrtValue[] inputs, InputMaker? maker)
    {
        try
        {
            return Session.Run(options, [.. Session.InputMetadata.Keys], inputs, [.. Session.OutputMetadata.Keys]);
        }
        catch (OnnxRuntimeException e) when (maker is { Assumed.Length: > 0 })
        {
            throw new WorkerException("MG4009", $"the model does not run with its open dimensions set to 1{maker.OfSums}{maker.OfRanks}. Write under `inputs:`, with a number in place of each name or question mark: {maker.Assumed} (`modelgate bench`, `compare` and `advise` take --dim NAME=SIZE, and --shape INPUT=SIZE,SIZE where a dimension has no name). {OfIntegers(maker)}The runtime said: {e.Message}");
        }
        catch (OnnxRuntimeException e) when (maker is { Invented.Length: > 0 })
        {
            throw new WorkerException("MG4008", $"{OfIntegers(maker)}The runtime said: {e.Message}");
        }
    }

    // A rate or a length among the inputs decides what runs, and with it which shapes fit.
    private static string OfIntegers(InputMaker maker) => maker.Invented.Length == 0 ? ""
        : $"Integers and truth values are made up where nobody says what they are; where a value decides what runs, write it there too, in place of {maker.Invented} (or --range INPUT=LOW,HIGH). ";

    /// <summary>Binds inputs, and places for outputs like those of the first inference: no run allocates or copies what an app would keep.</summary>
    public void Bind(OrtValue[] inputs, IEnumerable<OrtValue> outputs)
    {
        Unbind();
        binding = Session.CreateIoBinding();
        foreach (var (name, value) in Session.InputMetadata.Keys.Zip(inputs))
            binding.BindInput(name, value);
        foreach (var (name, like) in Session.OutputMetadata.Keys.Zip(outputs))
        {
            // Sequences, maps and strings have no size that is known beforehand: the runtime has to make them anew.
            if (like.IsTensor && like.GetTensorTypeAndShape() is { ElementDataType: not TensorElementType.String } type)
            {
                places.Add(OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type.ElementDataType, type.Shape));
                binding.BindOutput(name, places[^1]);
            }
            else
            {
                binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
            }
        }
    }

    /// <summary>One inference on what is bound.</summary>
    public void Run() => Session.RunWithBinding(options, binding!);

    private void Unbind()
    {
        binding?.Dispose();
        foreach (var place in places)
            place.Dispose();
        places.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unbind();
        options.Dispose();
        Session.Dispose();
    }
}
