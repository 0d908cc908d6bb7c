namespace MinRnn.Generator.Diagnostics;

/// <summary>What diagnostics tell code fixes besides their text.</summary>
internal static class DiagnosticProperties
{
    /// <summary>The function of <c>CellMath</c> to call instead.</summary>
    public const string Function = nameof(Function);
}
