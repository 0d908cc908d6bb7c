using MinRnn.Generator.Recurrence;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>Graph nodes as people write them: infix, with the functions' names in C#.</summary>
internal sealed class Formulas(Func<Expr, string?> nameOf)
{
    private const int SumPrecedence = Operator.AdditivePrecedence;
    private const int ComparisonPrecedence = 60, AndPrecedence = 50, OrPrecedence = 40, SelectPrecedence = 30;

    public static Formulas Plain { get; } = new(_ => null);

    /// <summary>What computes a node that may itself have a name.</summary>
    public string Definition(Expr node) => Write(node, 0, isDefinition: true);

    /// <summary>The node's name, or else its formula.</summary>
    public string Use(Expr node) => Write(node, 0, isDefinition: false);

    private string Write(Expr node, int precedence, bool isDefinition = false)
    {
        if (!isDefinition && nameOf(node) is { } name)
            return name;
        if (node.IsConstant)
            return double.IsPositiveInfinity(node.Value) ? "∞" : double.IsNegativeInfinity(node.Value) ? "-∞" : Numbers.Print(node.Value);
        if (node.IsSymbol)
            return node.Symbol!.Name;
        var (text, own) = Compose(node);
        return own < precedence ? $"({text})" : text;
    }

    private (string Text, int Precedence) Compose(Expr node)
    {
        var op = node.Op;
        if (op == Operators.Select)
        {
            var (condition, whenTrue, whenFalse) = (Write(node[0], SelectPrecedence + 1), Write(node[1], SelectPrecedence), Write(node[2], SelectPrecedence));
            return ($"{condition} ? {whenTrue} : {whenFalse}", SelectPrecedence);
        }

        if (op == Operators.Not && node[0].Op == Operators.Equal)
            return Between(node[0], "!=", ComparisonPrecedence);
        if (op == Operators.Not)
            return ("!" + Write(node[0], Operator.PrefixPrecedence), Operator.PrefixPrecedence);
        if (op == Operators.Less || op == Operators.LessOrEqual || op == Operators.Equal)
            return Between(node, op == Operators.Less ? "<" : op == Operators.Equal ? "==" : "<=", ComparisonPrecedence);
        if (op == Operators.And || op == Operators.Or)
            return Between(node, op == Operators.And ? "&&" : "||", op == Operators.And ? AndPrecedence : OrPrecedence);
        return op.Notation switch
        {
            Notation.Prefix => (op.Spelling + Write(node[0], op.Precedence), node[0].IsLeaf ? op.Precedence : SumPrecedence),
            Notation.Infix => Between(node, op.Spelling, op.Precedence),
            _ => ($"{FunctionOf(op)}({string.Join(", ", node.Operands.Select(operand => Write(operand, 0)))})", Operator.CallPrecedence),
        };
    }

    /// <summary>A stopped gradient is the value itself in code, and so has no spelling there.</summary>
    private static string FunctionOf(Operator op) => op == Operators.StopGradient ? "StopGradient" : op.Spelling;

    private (string Text, int Precedence) Between(Expr node, string token, int precedence) =>
        ($"{Write(node[0], precedence)} {token} {Write(node[1], precedence + 1)}", precedence);
}
