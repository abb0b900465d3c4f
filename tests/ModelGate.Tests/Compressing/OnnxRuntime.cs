using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>The real ONNX Runtime, run in the test's own process: the oracle of everything that is compressed.</summary>
internal static class OnnxRuntime
{
    /// <summary>Runs a model file on seeded inputs and returns its tensors of floating-point outputs.</summary>
    /// <param name="path">The model.</param>
    /// <param name="openDimension">What symbolic dimensions are.</param>
    public static IReadOnlyList<float[]> Run(string path, long openDimension = 1)
    {
        using var quiet = Quiet();
        using var session = new InferenceSession(path, quiet);
        return Run(session, openDimension);
    }

    /// <summary>Runs a model held in memory on one input and returns the bytes of its output.</summary>
    public static byte[] Run(Message model, float[] values, params long[] shape)
    {
        using var quiet = Quiet();
        using var session = new InferenceSession(model.ToArray(), quiet);
        using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [.. session.InputMetadata.Keys], [input], [.. session.OutputMetadata.Keys]);
        return outputs[0].GetTensorMutableRawData().ToArray();
    }

    private static List<float[]> Run(InferenceSession session, long openDimension)
    {
        var random = new Random(7);
        List<OrtValue> inputs = [];
        foreach (var (_, input) in session.InputMetadata)
        {
            long[] shape = [.. input.Dimensions.Select(dimension => dimension < 0 ? openDimension : dimension)];
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType, shape);
            inputs.Add(value);
            switch (input.ElementDataType)
            {
                case TensorElementType.Float:
                    foreach (ref var element in value.GetTensorMutableDataAsSpan<float>()) element = random.NextSingle() - 0.5f;
                    break;
                case TensorElementType.Int64:
                    foreach (ref var element in value.GetTensorMutableDataAsSpan<long>()) element = shape.Length == 0 ? 16000 : random.Next(2);
                    break;
                case TensorElementType.Int32:
                    foreach (ref var element in value.GetTensorMutableDataAsSpan<int>()) element = random.Next(2);
                    break;
                default:
                    Assert.Inconclusive($"an input of type {input.ElementDataType} is not made here");
                    break;
            }
        }
        using var options = new RunOptions();
        using var outputs = session.Run(options, [.. session.InputMetadata.Keys], inputs, [.. session.OutputMetadata.Keys]);
        List<float[]> floats = [];
        foreach (var output in outputs)
        {
            if (output.IsTensor && output.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
                floats.Add(output.GetTensorDataAsSpan<float>().ToArray());
        }
        foreach (var input in inputs) input.Dispose();
        return floats;
    }

    private static SessionOptions Quiet() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
}
