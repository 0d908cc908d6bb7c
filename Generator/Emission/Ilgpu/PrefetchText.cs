using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// How a streaming kernel asks for memory ahead of time. The channels of a warp's lanes lie side by side, so that a row of channels of
/// one step is a line of the cache, and each lane asks for one of the lines that its warp reads in a later round.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="step">The step.</param>
/// <param name="adjoint">What the kernel of the adjoint reads; null in the forward kernel.</param>
/// <param name="round">Steps of a round.</param>
internal sealed class PrefetchText(LayerPlan plan, StepFunction step, AdjointText? adjoint, int round)
{
    private const int Lanes = 32;

    /// <summary>A row of channels that each step reads.</summary>
    private sealed record StepRow(string View, string Matrix, int Index);

    private string Sign => adjoint is null ? "" : "-";

    // With one instruction a round there is a line a lane; a step that reads more rows takes more.
    private IEnumerable<int> Instructions => Enumerable.Range(0, ((Rows().Count() * round) + Lanes - 1) / Lanes);

    /// <summary>Declares the lane's lines, and the last step from which they are still of the piece.</summary>
    public void Declare(CodeWriter code)
    {
        var rows = Rows().ToList();
        if (rows.Count == 0)
            return;
        var count = Literals.Int(round);
        code.Line($"long {string.Join(", ", Instructions.SelectMany(i => new[] { $"ahead{i} = 0", $"aheadStep{i} = 0" }))};");
        code.Line($"var aheadLast = {(adjoint is null ? "end -" : "lowest +")} ({count} * (scan.Prefetch.Rounds + 1));");
        using (code.Block("if (Prefetch.Pays<T>() && scan.Prefetch.Rounds != 0)"))
        {
            code.Line("// Each lane asks for a line of a later round: one step's row of channels.");
            var steps = $"({count} * scan.Prefetch.Rounds) + (Tiles.Lane % {count})";
            code.Line($"var aheadSteps = {(adjoint is null ? steps : $"-({steps})")};");
            for (var i = 0; i < rows.Count; i++)
            {
                var (row, instruction, lane) = (rows[i], i * round / Lanes, i * round % Lanes);
                var at = KernelText.Row($"{row.Matrix}At - (channel % Tiles.Lanes) + (aheadSteps * {row.Matrix}Step)", row.Index);
                using (code.Block($"{(i == 0 ? "if" : "else if")} (Tiles.Lane / {count} == {Literals.Int(lane / round)})"))
                {
                    code.Line($"ahead{instruction} = Prefetch.AddressOf<T>(scan.Prefetch.{row.View}, {at});");
                    code.Line($"aheadStep{instruction} = Prefetch.AddressOf<T>(0, {Sign}{count} * {row.Matrix}Step);");
                }
            }
        }

        code.Line();
    }

    /// <summary>Asks for the lines, and goes on by a round.</summary>
    public void Ask(CodeWriter code)
    {
        foreach (var i in Instructions)
            code.Line($"Prefetch.Line<T>(step {(adjoint is null ? "<=" : ">=")} aheadLast ? ahead{i} : 0);").Line($"ahead{i} += aheadStep{i};");
    }

    private IEnumerable<StepRow> Rows()
    {
        // Elements of double precision fill their lines.
        if (plan.IsDouble)
            yield break;
        foreach (var load in step.Loads(SymbolKind.Projection))
            yield return new("Preactivations", "preactivation", load.Index);
        foreach (var _ in step.Loads(SymbolKind.Input))
            yield return new("Input", "output", 0);
        if (adjoint is null)
            yield break;
        foreach (var load in step.Loads(SymbolKind.State))
            yield return new(adjoint.Saved, adjoint.SavedMatrix, load.Index);
        if (adjoint.ReadsOutputGradient)
            yield return new("OutputGradient", "output", 0);
    }
}
