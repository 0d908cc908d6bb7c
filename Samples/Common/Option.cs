namespace MinRnn.Samples.Common;

/// <summary>A declared option of a command line.</summary>
/// <param name="Name">The name, without dashes.</param>
/// <param name="Value">What its value is called in the help; null for a switch that takes none.</param>
/// <param name="Help">What it does.</param>
/// <param name="Default">The value when it is not given; null when there is none.</param>
public sealed record Option(string Name, string? Value, string Help, string? Default = null);
