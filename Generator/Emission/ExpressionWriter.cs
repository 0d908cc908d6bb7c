using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission;

/// <summary>How one backend writes what the operator table leaves to it.</summary>
internal abstract class Dialect(bool isDouble)
{
    public string Scalar => isDouble ? "double" : "float";

    /// <summary>A constant where the backend wants a value of its own kind.</summary>
    public abstract string Constant(double value);

    /// <summary>A constant as a plain number.</summary>
    public string Number(double value) => isDouble ? Literals.Double(value) : Literals.Float(value);

    /// <summary>Whether a constant factor may stay a plain number.</summary>
    public abstract bool ScalesByNumbers { get; }
}

/// <summary>Writes scheduled expressions as C#, with the spelling of the operator table.</summary>
internal sealed class ExpressionWriter(Names names, Dialect dialect)
{
    /// <summary>The expression that computes a node, although the node may have a name.</summary>
    public string Definition(Expr node) => Write(node, 0, isDefinition: true);

    /// <summary>The node's name, or else its expression.</summary>
    public string Use(Expr node, int precedence = 0) => Write(node, precedence, isDefinition: false);

    public bool IsNamed(Expr node) => names.Has(node);

    /// <summary>Writes the values that a schedule gives a name, in order.</summary>
    public void Values(CodeWriter code, IEnumerable<ScheduledValue> values)
    {
        foreach (var value in values)
        {
            code.Line(value.Partner is null
                ? $"var {names[value.Node]} = {Definition(value.Node)};"
                : $"var ({names[value.Node]}, {names[value.Partner]}) = {value.PairSpelling}({Use(value.Node[0])});");
        }
    }

    private string Write(Expr node, int precedence, bool isDefinition)
    {
        if (!isDefinition && names.Has(node))
            return names[node];
        if (node.IsConstant)
            return dialect.Constant(node.Value);
        var op = node.Op;
        if (op == Operators.Add && (Product(node[0]) ?? Product(node[1])) is { } product)
        {
            var addend = product == node[0] ? node[1] : node[0];
            return $"MultiplyAdd({Use(product[0])}, {Use(product[1])}, {Use(addend)})";
        }

        var text = op.Notation switch
        {
            Notation.Prefix => op.Spelling + Use(node[0], op.Precedence),
            Notation.Infix => $"{Left(node)} {op.Spelling} {Use(node[1], op.Precedence + 1)}",
            _ => $"{op.Spelling}({string.Join(", ", node.Operands.Select(operand => Use(operand)))})",
        };
        return op.Precedence < precedence ? $"({text})" : text;
    }

    private string Left(Expr node) =>
        node.Op == Operators.Multiply && node[0].IsConstant && dialect.ScalesByNumbers
            ? dialect.Number(node[0].Value)
            : Use(node[0], node.Op.Precedence);

    /// <summary>A product that stands here alone, and so can be fused with the addition.</summary>
    private Expr? Product(Expr node) =>
        node.Op == Operators.Multiply && !names.Has(node) && !node[0].IsConstant && !node[1].IsConstant ? node : null;
}
