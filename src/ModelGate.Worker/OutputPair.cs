using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>
/// An output that two models have in common. It looks like class scores where it holds floating-point numbers in rows of two and more: one
/// row of any length in all, [classes], one for each element of a batch, [batch, classes], or any number of them, […, classes], where its
/// name says so (<c>logits</c>, <c>prob</c>, <c>score</c>). The class of a row is where its largest value stands, the first of equals.
/// Whole numbers in an output named <c>label</c> or <c>class</c> are classes by themselves.
/// </summary>
internal sealed class OutputPair
{
    // The largest value whose square can be summed up: beyond any that a model gives, infinity and NaN apart.
    private const double Countless = 1e150;

    private static readonly string[] NamesOfScores = ["logit", "prob", "score"], NamesOfClasses = ["label", "class"];

    private readonly string name;
    private double[] values = [], valuesOfOther = [];
    private string? obstacle;
    private long elements, notFinite, broken, predictions, agreeing;
    private double signal, noise, restored, maxError;

    private OutputPair(string name, int index, int indexOfOther, string? obstacle)
    {
        this.name = name;
        this.obstacle = obstacle;
        (Index, IndexOfOther) = (index, indexOfOther);
    }

    /// <summary>Which output of the model it is.</summary>
    public int Index { get; }

    /// <summary>Which output of the other model it is.</summary>
    public int IndexOfOther { get; }

    /// <summary>Classes that the last inputs were given by the model and by the other one, row by row; empty where it does not look like class scores.</summary>
    public List<(long ByModel, long ByOther)> Predicted { get; } = [];

    /// <summary>What it came to.</summary>
    public OutputFidelity Result => new(name, obstacle)
    {
        Elements = elements,
        NotFinite = notFinite,
        Broken = broken,
        Signal = signal,
        Noise = noise,
        Restored = restored,
        MaxError = maxError,
        Predictions = predictions,
        Agreeing = agreeing,
    };

    /// <summary>The outputs of two models side by side: by name, or by their order where they share no name at all. Those that only one has are told.</summary>
    public static List<OutputPair> Of(InferenceSession model, InferenceSession other)
    {
        string[] ours = [.. model.OutputMetadata.Keys], theirs = [.. other.OutputMetadata.Keys];
        if (!ours.Intersect(theirs).Any() && ours.Length == theirs.Length)
            return [.. ours.Select((name, index) => new OutputPair(name, index, index, null))];
        return
        [
            .. ours.Where(theirs.Contains).Select(name => new OutputPair(name, Array.IndexOf(ours, name), Array.IndexOf(theirs, name), null)),
            .. ours.Except(theirs).Select(static name => new OutputPair(name, 0, 0, "only the model has it")),
            .. theirs.Except(ours).Select(static name => new OutputPair(name, 0, 0, "only the other model has it")),
        ];
    }

    /// <summary>Adds what both models gave for one input.</summary>
    public void Add(OrtValue ours, OrtValue theirs)
    {
        Predicted.Clear();
        if (obstacle is not null)
            return;
        obstacle = Difference(ours, theirs);
        if (obstacle is not null)
            return;

        var type = ours.GetTensorTypeAndShape();
        int count = (int)type.ElementCount;
        Widen(ours, type.ElementDataType, ref values, count);
        Widen(theirs, theirs.GetTensorTypeAndShape().ElementDataType, ref valuesOfOther, count);
        for (int i = 0; i < count; i++)
            Add(values[i], valuesOfOther[i]);
        Predict(type.ElementDataType, type.Shape, count);
        predictions += Predicted.Count;
        agreeing += Predicted.Count(static pair => pair.ByModel == pair.ByOther);
    }

    private static string? Difference(OrtValue ours, OrtValue theirs)
    {
        if (!ours.IsTensor || !theirs.IsTensor)
            return $"it is {(ours.IsTensor == theirs.IsTensor ? "" : "in one model ")}a sequence or a map, which is not compared";
        var (one, another) = (ours.GetTensorTypeAndShape(), theirs.GetTensorTypeAndShape());
        if (!IsNumber(one.ElementDataType) || !IsNumber(another.ElementDataType))
            return $"its elements are of type {(IsNumber(one.ElementDataType) ? another : one).ElementDataType.ToString().ToLowerInvariant()}, which is not compared";
        return one.Shape.SequenceEqual(another.Shape) ? null
            : $"its shape is [{string.Join(", ", one.Shape)}] in the model and [{string.Join(", ", another.Shape)}] in the other model";
    }

    private void Add(double ours, double theirs)
    {
        if (!IsCountable(ours) || !IsCountable(theirs))
        {
            if (ours.Equals(theirs))
                notFinite++;
            else
                broken++;
            return;
        }

        double error = ours - theirs;
        elements++;
        signal += theirs * theirs;
        restored += ours * ours;
        noise += error * error;
        maxError = Math.Max(maxError, Math.Abs(error));
    }

    private void Predict(TensorElementType type, long[] shape, int count)
    {
        if (!IsFloat(type))
        {
            bool isClass = Says(NamesOfClasses) && (shape.Length <= 1 || (shape.Length == 2 && shape[1] == 1));
            for (int row = 0; isClass && row < count; row++)
                Predicted.Add(((long)values[row], (long)valuesOfOther[row]));
            return;
        }

        if (shape.Length == 0 || shape[^1] < 2 || (shape.Length > 2 && !Says(NamesOfScores)))
            return;
        int classes = (int)shape[^1];
        for (int from = 0; from < count; from += classes)
            Predicted.Add((Largest(values.AsSpan(from, classes)), Largest(valuesOfOther.AsSpan(from, classes))));
    }

    private bool Says(string[] words) => words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    // A row that holds NaN has no largest value; such rows agree with each other, and their values are told as NaN.
    private static int Largest(ReadOnlySpan<double> row)
    {
        int largest = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (double.IsNaN(row[i]))
                return -1;
            if (row[i] > row[largest])
                largest = i;
        }

        return largest;
    }

    private static bool IsCountable(double value) => Math.Abs(value) < Countless;

    private static bool IsFloat(TensorElementType type) => type is TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16;

    private static bool IsNumber(TensorElementType type) => IsFloat(type) || type is
        TensorElementType.Int8 or TensorElementType.Int16 or TensorElementType.Int32 or TensorElementType.Int64
        or TensorElementType.UInt8 or TensorElementType.UInt16 or TensorElementType.UInt32 or TensorElementType.UInt64 or TensorElementType.Bool;

    private static void Widen(OrtValue value, TensorElementType type, ref double[] to, int count)
    {
        if (to.Length < count)
            to = new double[count];
        var bytes = value.GetTensorMutableRawData();
        switch (type)
        {
            case TensorElementType.Float: Copy<float>(bytes, to, static element => element); break;
            case TensorElementType.Double: MemoryMarshal.Cast<byte, double>(bytes).CopyTo(to); break;
            case TensorElementType.Float16: Copy<Half>(bytes, to, static element => (double)element); break;
            case TensorElementType.BFloat16: Copy<ushort>(bytes, to, static element => BitConverter.UInt32BitsToSingle((uint)element << 16)); break;
            case TensorElementType.Int8: Copy<sbyte>(bytes, to, static element => element); break;
            case TensorElementType.Int16: Copy<short>(bytes, to, static element => element); break;
            case TensorElementType.Int32: Copy<int>(bytes, to, static element => element); break;
            case TensorElementType.Int64: Copy<long>(bytes, to, static element => element); break;
            case TensorElementType.UInt16: Copy<ushort>(bytes, to, static element => element); break;
            case TensorElementType.UInt32: Copy<uint>(bytes, to, static element => element); break;
            case TensorElementType.UInt64: Copy<ulong>(bytes, to, static element => element); break;
            default: Copy<byte>(bytes, to, static element => element); break; // uint8, and bool as ONNX Runtime stores it
        }
    }

    private static void Copy<T>(ReadOnlySpan<byte> bytes, double[] to, Func<T, double> widen) where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < from.Length; i++)
            to[i] = widen(from[i]);
    }
}
