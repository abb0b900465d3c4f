using ModelGate.Models;

namespace ModelGate.Compressing;

/// <summary>A tensor that takes part of another's place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dims">Dimensions.</param>
/// <param name="Data">Its values.</param>
/// <param name="IsBulk">True where it holds the weights, so that it is kept in external data where the weights were; false for scales.</param>
internal sealed record NewTensor(string Name, DataType Type, long[] Dims, Piece Data, bool IsBulk);
