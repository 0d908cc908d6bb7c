using System;
using System.Collections.Generic;

namespace MinRnn.Generator.Recurrence;

/// <summary>The value of an operator at given operands; conditions are 1 and 0.</summary>
internal delegate double Evaluation(double[] x);

/// <summary>
/// The adjoint of one operand, given the node and the node's own adjoint; null where the operand has no gradient.
/// </summary>
internal delegate Expr? Pullback(GraphBuilder graph, Expr node, Expr adjoint, int operand);

/// <summary>
/// Every value that a node can have, NaN aside, given the intervals of nodes below it. That the node itself is given lets an
/// operator know its operands to be related.
/// </summary>
internal delegate Interval RangeOf(Expr node, Func<Expr, Interval> of);

/// <summary>How an operator is written in generated code.</summary>
internal enum Notation
{
    /// <summary>Has a form of its own in the emitter (constants, symbols).</summary>
    Leaf,

    /// <summary>Prefix: <c>-x</c>.</summary>
    Prefix,

    /// <summary>Between its operands: <c>a * b</c>.</summary>
    Infix,

    /// <summary>A call of a function of the backend's mathematics class.</summary>
    Call,
}

/// <summary>Everything the compiler knows of one operator. The table is <see cref="Operators"/>.</summary>
/// <param name="Name">The name in printed graphs.</param>
/// <param name="Arity">How many operands it takes.</param>
/// <param name="Evaluate">Its value.</param>
/// <param name="Range">The interval of its value.</param>
/// <param name="Pull">Its derivative, at kinks too; null for one that carries no gradient.</param>
/// <param name="Spelling">How backends write it: the token of a prefix or infix operator, or the function's name.</param>
/// <param name="Notation">Where the spelling goes.</param>
/// <param name="Precedence">As in C#: higher binds tighter.</param>
/// <param name="IsCondition">Whether its value is a condition rather than a number.</param>
/// <param name="IsCommutative">Whether its operands may change places.</param>
/// <param name="IsCostly">Whether it takes longer than a load from the nearest cache.</param>
internal sealed record Operator(
    string Name,
    int Arity,
    Evaluation Evaluate,
    RangeOf Range,
    Pullback? Pull,
    string Spelling,
    Notation Notation = Notation.Call,
    int Precedence = Operator.CallPrecedence,
    bool IsCondition = false,
    bool IsCommutative = false,
    bool IsCostly = false)
{
    public const int CallPrecedence = 100;
    public const int PrefixPrecedence = 90;
    public const int MultiplicativePrecedence = 80;
    public const int AdditivePrecedence = 70;

    public bool Equals(Operator? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    public override string ToString() => Name;
}
