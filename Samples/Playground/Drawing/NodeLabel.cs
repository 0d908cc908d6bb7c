using MinRnn.Generator.Recurrence;

namespace MinRnn.Samples.Playground.Drawing;

/// <summary>What stands in a box.</summary>
/// <param name="Title">The operator, or a name.</param>
/// <param name="Detail">The user's name of the value, or the role.</param>
/// <param name="Role">What decides on its shape and colour.</param>
internal sealed record NodeLabel(string Title, string Detail, string Role)
{
    /// <summary>Roles of results.</summary>
    public const string NextState = "next state", Output = "output", Gradient = "gradient", EarlierGradient = "to earlier steps";

    private const int LongestText = 22;
    private const double CharacterWidth = 7.9, Padding = 24, NarrowestBox = 48;

    public double Width => Math.Max(NarrowestBox, Math.Round((Math.Max(Title.Length, Detail.Length) * CharacterWidth) + Padding));

    public static NodeLabel Of(Expr node)
    {
        if (node.Symbol is { } symbol)
            return new NodeLabel(Short(symbol.Name), RoleOf(symbol), RoleOf(symbol));
        return new NodeLabel(Operation(node), Short(node.Hint ?? ""), node.Op.IsCondition ? "condition" : "operation");
    }

    /// <summary>The role of a parameter, or of a gradient, in a word.</summary>
    public static string RoleOf(Symbol symbol) => symbol.Kind switch
    {
        SymbolKind.StateGradient => "from later steps",
        SymbolKind.OutputGradient => "from the loss",
        SymbolKind.Shared => "shared",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>An operator with the operands that are constants, which have no boxes of their own.</summary>
    private static string Operation(Expr node)
    {
        var glyph = Glyphs.Of(node.Op);
        if (node.Operands.All(operand => !operand.IsConstant))
            return glyph;
        if (node.Op == Operators.Select)
            return $"if ? {Constant(node[1])} : {Constant(node[2])}";
        return node.Operands.Length == 2 && Glyphs.IsInfix(node.Op)
            ? node[0].IsConstant ? $"{Glyphs.Number(node[0].Value)} {glyph}" : $"{glyph} {Glyphs.Number(node[1].Value)}"
            : $"{glyph}({string.Join(", ", node.Operands.Select(Constant))})";
    }

    private static string Constant(Expr operand) => operand.IsConstant ? Glyphs.Number(operand.Value) : "•";

    private static string Short(string name) => name.Length <= LongestText ? name : name[..(LongestText - 1)] + "…";
}
