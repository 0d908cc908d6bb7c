using System.Collections.Frozen;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Samples.Playground.Drawing;

/// <summary>How operators look to people who read mathematics.</summary>
internal static class Glyphs
{
    private static readonly FrozenDictionary<string, string> Special = new Dictionary<string, string>
    {
        ["add"] = "+",
        ["sub"] = "−",
        ["mul"] = "×",
        ["div"] = "÷",
        ["neg"] = "−",
        ["sigmoid"] = "σ",
        ["sech2"] = "sech²",
        ["sqrt"] = "√",
        ["sqrtBounded"] = "√",
        ["phi"] = "Φ",
        ["density"] = "φ",
        ["less"] = "<",
        ["lessOrEqual"] = "≤",
        ["equal"] = "=",
        ["and"] = "and",
        ["or"] = "or",
        ["select"] = "if",
        ["stopGradient"] = "stop ∂",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Infix = new[] { "less", "lessOrEqual", "equal", "and", "or" }.ToFrozenSet(StringComparer.Ordinal);

    public static string Of(Operator op) => Special.GetValueOrDefault(op.Name, op.Name);

    /// <summary>Whether mathematics writes it between its operands.</summary>
    public static bool IsInfix(Operator op) => op.Notation == Notation.Infix || Infix.Contains(op.Name);

    public static string Number(double value) => Numbers.Print(value).Replace('-', '−');
}
