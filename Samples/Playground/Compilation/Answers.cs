using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;
using MinRnn.Samples.Playground.Drawing;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>Puts what the compiler made of a source together for the page.</summary>
internal static class Answers
{
    public static CompiledSource Compile(Question question)
    {
        var compiled = SourceCompiler.Run(question.Source);
        var layer = compiled.Find(question.Layer);
        return new CompiledSource(
            compiled.Diagnose(),
            [.. compiled.Layers.Select(other => other.Name)],
            layer?.Plan is { } plan ? View(layer, plan, question.Levels) : null);
    }

    public static PtxListing Ptx(Question question) => PtxCompilation.Run(SourceCompiler.Run(question.Source).Find(question.Layer));

    public static LayerView View(DeclaredLayer layer, LayerPlan plan, IReadOnlyDictionary<string, Level>? levels) => new(
        layer.Name,
        plan.Cell.ShortName,
        $"{plan.Cell.ShortName}, {plan.InputSize} → {plan.HiddenSize}{(plan.Direction == Generator.Declarations.Direction.Forward ? "" : ", " + plan.Direction.ToString().ToLowerInvariant())}, "
            + $"{(plan.IsDouble ? "double" : "float")}, {plan.ParameterCount:N0} parameters",
        plan.Kernels.TimeParallel.ToString().Replace("<=", "≤", StringComparison.Ordinal),
        new GraphView(GraphDrawing.Of(ResultsOf(plan.Cell)), FormulaWriter.Forward(plan.Kernels)),
        new GraphView(GraphDrawing.Of(GradientsOf(plan.Kernels)), FormulaWriter.Backward(plan.Kernels)),
        Budgets.Of(plan),
        layer.Files,
        ImpulseResponse.Run(plan.Cell, levels));

    private static List<(string Name, string Role, Expr Value)> ResultsOf(Cell cell)
    {
        List<(string Name, string Role, Expr Value)> results =
            [.. cell.NextStates.Select((next, i) => (Cell.NextName(cell.States.ElementAt(i).Name), NodeLabel.NextState, next))];
        if (cell.Output is { } output)
            results.Add(("output", NodeLabel.Output, output));
        return results;
    }

    private static List<(string Name, string Role, Expr Value)> GradientsOf(KernelPlan plan) =>
        [.. plan.Adjoint.Parameters.Select(entry => (
            entry.Parameter.Name + "Gradient",
            entry.Parameter.Symbol.Kind == SymbolKind.State ? NodeLabel.EarlierGradient : NodeLabel.Gradient,
            entry.Gradient))];
}
