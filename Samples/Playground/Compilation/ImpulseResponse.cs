using MinRnn.Generator.Recurrence;
using MinRnn.Samples.Playground.Drawing;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>
/// What one channel does when its inputs leave their rest for one step, by the interpreter of graphs in double precision: the
/// oracle of the kernels, and no code of the user's.
/// </summary>
internal static class ImpulseResponse
{
    public const int Steps = 48, ImpulseStep = 4;

    public static ResponseView Run(Cell cell, IReadOnlyDictionary<string, Level>? given)
    {
        var parameters = cell.Parameters.Where(parameter => parameter.Symbol.Kind != SymbolKind.State).Select(parameter => Describe(parameter, given)).ToList();
        var levels = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Level, StringComparer.Ordinal);
        var (disturbed, states) = Walk(cell, levels, ImpulseStep);
        var (rest, _) = Walk(cell, levels, -1);
        List<Series> series = [new("output", "output", disturbed), new("without the impulse", "rest", rest)];
        if (cell.KeepsStates)
            series.AddRange(states.Zip(cell.States, (values, state) => new Series(state.Name, "state", values)));
        return new ResponseView(parameters, ImpulseStep, series);
    }

    private static ResponseParameter Describe(CellParameter parameter, IReadOnlyDictionary<string, Level>? given)
    {
        var rest = parameter.Initial ?? 0;
        var isStill = parameter.Symbol.IsStill;
        var level = given?.GetValueOrDefault(parameter.Name) ?? new Level(rest, isStill ? rest : rest + 1);
        var remark = parameter.InitializeWith is null ? null
            : $"A layer starts it by {parameter.InitializeWith[(parameter.InitializeWith.LastIndexOf('.') + 1)..]}, which is not run here.";
        return new ResponseParameter(parameter.Name, NodeLabel.RoleOf(parameter.Symbol), isStill ? level with { Impulse = level.Rest } : level, remark);
    }

    /// <summary>The output, and each state after every step. All elements of a vector are alike here, and the output is their sum.</summary>
    private static (double?[] Output, double?[][] States) Walk(Cell cell, Dictionary<string, Level> levels, int impulse)
    {
        var step = Interpreter.Double.Prepare([.. cell.NextStates, cell.Result]);
        var state = cell.States.Select(parameter => parameter.Initial ?? 0).ToArray();
        var output = new double?[Steps];
        var states = state.Select(_ => new double?[Steps]).ToArray();
        for (var t = 0; t < Steps; t++)
        {
            var values = step(symbol => symbol.Kind == SymbolKind.State ? state[symbol.Index]
                : t == impulse ? levels[symbol.Name].Impulse : levels[symbol.Name].Rest);
            output[t] = Finite(values[^1] * Math.Max(cell.StateSize, 1));
            state = values[..^1];
            for (var i = 0; i < state.Length; i++)
                states[i][t] = Finite(state[i]);
        }

        return (output, states);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
