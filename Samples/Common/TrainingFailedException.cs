namespace MinRnn.Samples.Common;

/// <summary>Training cannot go on: the loss is no longer a number.</summary>
public sealed class TrainingFailedException(string message) : Exception(message);
