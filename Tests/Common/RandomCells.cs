using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Common;

/// <summary>
/// Random cells that are contractive by construction: each next state is a convex mix of the old one and a bounded value, so
/// that neither values nor gradients grow with time. The seed alone decides the cell.
/// </summary>
internal sealed class RandomCells(int seed, int stateSize)
{
    private readonly Random random = new(seed);
    private readonly GraphBuilder graph = new(simplify: false);
    private readonly List<CellParameter> parameters = [];

    /// <summary>The graph of a cell named <paramref name="name"/>.</summary>
    public static Cell Make(int seed, string name) => new RandomCells(seed, stateSize: 0).Build(name);

    /// <summary>The same of a cell whose states are vectors, of one to five elements.</summary>
    public static Cell MakeVector(int seed, string name) => new RandomCells(seed, 1 + (seed % 5)).Build(name);

    private Cell Build(string name)
    {
        var states = random.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < states; i++)
            Declare(SymbolKind.State, $"h{i}", random.Next(3) == 0 ? Round(random.NextDouble() - 0.5) : null);
        var projections = 1 + random.Next(3);
        for (var i = 0; i < projections; i++)
            Declare(SymbolKind.Projection, $"p{i}", null);
        if (random.Next(3) == 0)
            Declare(SymbolKind.Input, "x", null);
        for (var i = random.Next(3); i > 0; i--)
            Declare(SymbolKind.Weight, $"w{i}", Round((2 * random.NextDouble()) - 1));
        for (var i = stateSize == 0 ? 0 : random.Next(3); i > 0; i--)
            Declare(SymbolKind.Weight, $"u{i}", Round((2 * random.NextDouble()) - 1), isIndexed: true);
        for (var i = stateSize == 0 ? 0 : random.Next(3); i > 0; i--)
            Declare(SymbolKind.Shared, $"q{i}", null, isIndexed: true);

        var next = parameters.Where(parameter => parameter.Symbol.Kind == SymbolKind.State)
            .Select(state => NextState(graph.Symbol(state.Symbol))).ToList();
        var output = random.Next(4) == 0 ? graph.Multiply(next[0], Bounded(2))
            : stateSize > 0 && random.Next(2) == 0 ? graph.Add(next[0], graph.Multiply(Free(1), Free(1))) : null;
        return new Cell(name, [.. parameters], [.. next], output, false, stateSize);
    }

    private void Declare(SymbolKind kind, string name, double? initial, bool isIndexed = false) => parameters.Add(new CellParameter(
        new Symbol(kind, parameters.Count(p => p.Symbol.Kind == kind), name, isIndexed || (kind == SymbolKind.State && stateSize > 0)), initial));

    /// <summary>keep · state + (1 - keep) · bounded, with keep away from 1 and free of the state: |d next / d state| stays below 1.</summary>
    private Expr NextState(Expr state)
    {
        var keep = graph.Sigmoid(Free(2));
        var candidate = random.Next(4) == 0
            ? graph.Tanh(graph.Multiply(graph.Constant(0.5), graph.Add(state, Free(1))))
            : Bounded(2);
        return graph.Add(graph.Multiply(keep, state), graph.Multiply(graph.Subtract(graph.Constant(1), keep), candidate));
    }

    /// <summary>A value within [-2, 2], made of anything but states.</summary>
    private Expr Bounded(int depth)
    {
        var x = Free(depth);
        return random.Next(9) switch
        {
            0 => graph.Tanh(x),
            1 => graph.Apply(Operators.Sin, x),
            2 => graph.Apply(Operators.Cos, x),
            3 => graph.Exp(graph.Negate(graph.Apply(Operators.Abs, x))),
            4 => graph.Apply(Operators.Clamp, x, graph.Constant(-1), graph.Constant(1.5)),
            5 => graph.Divide(x, graph.Add(graph.Constant(1), graph.Multiply(x, x))),
            6 => graph.Apply(Operators.Expm1, graph.Negate(graph.Softplus(x))),
            7 => graph.Select(graph.Less(x, Free(1)), graph.Sigmoid(x), graph.Tanh(Free(1))),
            _ => graph.Sigmoid(x),
        };
    }

    /// <summary>A value of moderate size, made of anything but states.</summary>
    private Expr Free(int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
            return Leaf();
        var a = Free(depth - 1);
        return random.Next(14) switch
        {
            0 => graph.Add(a, Free(depth - 1)),
            1 => graph.Subtract(a, Free(depth - 1)),
            2 => graph.Multiply(graph.Tanh(a), Free(depth - 1)),
            3 => graph.Negate(a),
            4 => graph.Softplus(a),
            5 => graph.Apply(Operators.Relu, a),
            6 => graph.Apply(Operators.Min, a, Free(depth - 1)),
            7 => graph.Max(a, Free(depth - 1)),
            8 => graph.Multiply(a, graph.Sigmoid(a)),
            9 => graph.Multiply(a, graph.Apply(Operators.NormalCdf, a)),
            10 => graph.Log(graph.Add(graph.Constant(1), graph.Multiply(a, a))),
            11 => graph.Sqrt(graph.Add(graph.Constant(0.25), graph.Multiply(a, a))),
            12 => graph.Apply(Operators.Log1p, graph.Exp(graph.Tanh(a))),
            _ => graph.Select(graph.LessOrEqual(graph.Constant(0), a), graph.Add(a, graph.Constant(0.5)), graph.Sigmoid(a)),
        };
    }

    private Expr Leaf()
    {
        if (random.Next(6) == 0)
            return graph.Constant(Round((4 * random.NextDouble()) - 2));
        var free = parameters.Where(parameter => parameter.Symbol.Kind != SymbolKind.State).ToList();
        return graph.Symbol(free[random.Next(free.Count)].Symbol);
    }

    /// <summary>Constants that a float holds exactly, so that source text and graph agree.</summary>
    private static double Round(double value) => Math.Round(value * 64) / 64;
}
