using ModelGate.TestModels;

namespace ModelGate.Benchmarks.Study;

/// <summary>A model of the study, with the variants of it that are really slower.</summary>
/// <param name="Name">What the tables call it: about how long an inference takes.</param>
/// <param name="Channels">Channels of each convolution.</param>
/// <param name="Side">Height and width of the image.</param>
/// <param name="Layers">Convolutions.</param>
/// <param name="Extras">Small dense layers of the two variants: the one is slower by just over 2 %, the other by just over 7 %.</param>
/// <param name="Restarts">Restarts to record of each kind.</param>
/// <param name="Gates">Whole gates to run on it and itself.</param>
/// <param name="SecondsOfClearMedian">Seconds within which a clear case of its median should be over.</param>
internal sealed record StudyModel(string Name, int Channels, int Side, int Layers, int[] Extras, int Restarts, int Gates, double SecondsOfClearMedian)
{
    /// <summary>Three models whose cost lies a factor of ten or more apart.</summary>
    public static readonly StudyModel[] All =
    [
        new("0.1 ms", 32, 10, 4, [3, 11], Restarts: 60, Gates: 300, SecondsOfClearMedian: 3),
        new("2 ms", 64, 20, 6, [26, 130], Restarts: 200, Gates: 100, SecondsOfClearMedian: 3),
        new("20 ms", 64, 56, 7, [345, 1400], Restarts: 60, Gates: 0, SecondsOfClearMedian: 6),
    ];

    /// <summary>Writes a variant to a folder, where it is not there already.</summary>
    /// <param name="folder">Folder of models.</param>
    /// <param name="extra">Small dense layers more; 0 for the model itself.</param>
    public string Save(string folder, int extra)
    {
        string path = Path.Combine(folder, $"{Channels}-{Side}-{Layers}-{extra}.onnx");
        return File.Exists(path) ? path : Convolutions.Chain(Channels, Side, Layers, extra).Save(path);
    }
}
