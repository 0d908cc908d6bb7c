using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>
/// Makes nodes, one for each distinct expression. With simplification on, each construction first asks
/// <see cref="Rules"/> for a simpler node of the same value.
/// </summary>
internal sealed class GraphBuilder(bool simplify = true)
{
    private readonly Dictionary<Key, Expr> nodes = [];

    public Expr Constant(double value) => Intern(Operators.Constant, [], value, null);

    public Expr Symbol(Symbol symbol) => Intern(Operators.Symbol, [], 0, symbol);

    public Expr Add(Expr a, Expr b) => Apply(Operators.Add, a, b);

    public Expr Subtract(Expr a, Expr b) => Apply(Operators.Subtract, a, b);

    public Expr Multiply(Expr a, Expr b) => Apply(Operators.Multiply, a, b);

    public Expr Divide(Expr a, Expr b) => Apply(Operators.Divide, a, b);

    public Expr Negate(Expr a) => Apply(Operators.Negate, a);

    public Expr Exp(Expr a) => Apply(Operators.Exp, a);

    public Expr Log(Expr a) => Apply(Operators.Log, a);

    public Expr Softplus(Expr a) => Apply(Operators.Softplus, a);

    public Expr Sigmoid(Expr a) => Apply(Operators.Sigmoid, a);

    public Expr Tanh(Expr a) => Apply(Operators.Tanh, a);

    public Expr SechSquared(Expr a) => Apply(Operators.SechSquared, a);

    public Expr Sqrt(Expr a) => Apply(Operators.Sqrt, a);

    public Expr Pow(Expr a, Expr b) => Apply(Operators.Pow, a, b);

    public Expr Max(Expr a, Expr b) => Apply(Operators.Max, a, b);

    public Expr Less(Expr a, Expr b) => Apply(Operators.Less, a, b);

    public Expr LessOrEqual(Expr a, Expr b) => Apply(Operators.LessOrEqual, a, b);

    public Expr Equal(Expr a, Expr b) => Apply(Operators.Equal, a, b);

    public Expr And(Expr a, Expr b) => Apply(Operators.And, a, b);

    public Expr Not(Expr a) => Apply(Operators.Not, a);

    public Expr Select(Expr condition, Expr whenTrue, Expr whenFalse) => Apply(Operators.Select, condition, whenTrue, whenFalse);

    public Expr Apply(Operator op, params Expr[] operands)
    {
        if (operands.Length != op.Arity)
            throw new ArgumentException($"'{op.Name}' takes {op.Arity} operands, not {operands.Length}.", nameof(operands));
        return (simplify ? Rules.Rewrite(this, op, operands) : null) ?? Intern(op, [.. operands], 0, null);
    }

    /// <summary>Rebuilds expressions in this builder, each node through <paramref name="replace"/> first.</summary>
    public Func<Expr, Expr> Importer(Func<Expr, Expr?> replace)
    {
        var imported = new Dictionary<Expr, Expr>();
        return root =>
        {
            foreach (var node in new[] { root }.Reachable())
            {
                if (imported.ContainsKey(node))
                    continue;
                var copy = replace(node) ?? (node.IsLeaf
                    ? Intern(node.Op, [], node.Value, node.Symbol)
                    : Apply(node.Op, [.. node.Operands.Select(operand => imported[operand])]));
                if (!copy.IsLeaf)
                    copy.Hint ??= node.Hint;
                imported[node] = copy;
            }

            return imported[root];
        };
    }

    private Expr Intern(Operator op, ImmutableArray<Expr> operands, double value, Symbol? symbol)
    {
        var key = new Key(op, operands, value, symbol);
        if (!nodes.TryGetValue(key, out var node))
            nodes[key] = node = new Expr(nodes.Count, op, operands, value, symbol);
        return node;
    }

    /// <summary>Identity of a node: operands by reference, a commutative operator's in either order, constants by bits.</summary>
    private readonly struct Key : IEquatable<Key>
    {
        private readonly Operator op;
        private readonly int first, second, third;
        private readonly long bits;
        private readonly Symbol? symbol;

        public Key(Operator op, ImmutableArray<Expr> operands, double value, Symbol? symbol)
        {
            this.op = op;
            this.symbol = symbol;
            bits = BitConverter.DoubleToInt64Bits(value);
            first = operands.Length > 0 ? operands[0].Id : -1;
            second = operands.Length > 1 ? operands[1].Id : -1;
            third = operands.Length > 2 ? operands[2].Id : -1;
            if (op.IsCommutative && first > second)
                (first, second) = (second, first);
        }

        public bool Equals(Key other) => op == other.op && first == other.first && second == other.second
            && third == other.third && bits == other.bits && Equals(symbol, other.symbol);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            unchecked
            {
                var hash = op.GetHashCode();
                hash = (hash * 31) + first;
                hash = (hash * 31) + second;
                hash = (hash * 31) + third;
                hash = (hash * 31) + bits.GetHashCode();
                return (hash * 31) + (symbol?.GetHashCode() ?? 0);
            }
        }
    }
}
