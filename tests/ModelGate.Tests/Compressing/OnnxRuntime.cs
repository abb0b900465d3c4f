using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>The real ONNX Runtime, run in the test's own process: the oracle of everything that is compressed.</summary>
internal static class OnnxRuntime
{
    /// <summary>Runs a model file and returns its tensors of float32 outputs.</summary>
    public static IReadOnlyList<float[]> Run(string path, SeededInputs inputs)
    {
        using var quiet = Quiet();
        using var session = new InferenceSession(path, quiet);
        using var options = new RunOptions();
        using var outputs = session.Run(options, inputs.Names, inputs.Values, [.. session.OutputMetadata.Keys]);
        return [.. outputs.Where(output => output.IsTensor && output.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float).Select(output => output.GetTensorDataAsSpan<float>().ToArray())];
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

    private static SessionOptions Quiet() => new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
}
