namespace MinRnn.Inference;

/// <summary>What rounding to 8 bits did to a matrix.</summary>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="RelativeError">The norm of the difference over the norm of the matrix: about 0.006 for weights of a normal distribution.</param>
public sealed record QuantizationLoss(string Parameter, double RelativeError);
