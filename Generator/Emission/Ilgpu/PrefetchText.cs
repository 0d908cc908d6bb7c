using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// How a streaming kernel asks for memory ahead of time. The channels of a warp's lanes lie side by side, so that a row of channels of
/// one step is a line of the cache, and each lane asks for one of the lines that its warp reads in a later round.
/// </summary>
/// <param name="elements">What a step loads.</param>
/// <param name="unroll">Steps of a round.</param>
/// <param name="isBackward">Whether the last step comes first.</param>
internal sealed class PrefetchText(IReadOnlyList<RoundElement> elements, int unroll, bool isBackward)
{
    private const int Lanes = 32;

    private string Sign => isBackward ? "-" : "";

    // With one instruction a round there is a line a lane; a step that loads more elements takes more.
    private IEnumerable<int> Instructions => Enumerable.Range(0, ((elements.Count * unroll) + Lanes - 1) / Lanes);

    /// <summary>Declares the lane's lines, and the last step from which they are still of the piece.</summary>
    public void Declare(CodeWriter code)
    {
        var count = Literals.Int(unroll);
        code.Line($"long {string.Join(", ", Instructions.SelectMany(i => new[] { $"ahead{i} = 0", $"aheadStep{i} = 0" }))};");
        code.Line($"var aheadLast = {(isBackward ? "lowest +" : "end -")} ({count} * (scan.Prefetch.Rounds + 1));");
        using (code.Block("if (Prefetch.Pays<T>() && scan.Prefetch.Rounds != 0)"))
        {
            code.Line("// Each lane asks for a line of a later round: one step's row of channels.");
            var steps = $"({count} * scan.Prefetch.Rounds) + (Tiles.Lane % {count})";
            code.Line($"var aheadSteps = {(isBackward ? $"-({steps})" : steps)};");
            for (var i = 0; i < elements.Count; i++)
            {
                var (element, instruction, lane) = (elements[i], i * unroll / Lanes, i * unroll % Lanes);
                var at = KernelText.Row($"{element.Matrix}At - (channel % Tiles.Lanes) + (aheadSteps * {element.Matrix}Step)", element.Row);
                using (code.Block($"{(i == 0 ? "if" : "else if")} (Tiles.Lane / {count} == {Literals.Int(lane / unroll)})"))
                {
                    code.Line($"ahead{instruction} = Prefetch.AddressOf<T>(scan.Prefetch.{element.View}, {at});");
                    code.Line($"aheadStep{instruction} = Prefetch.AddressOf<T>(0, {Sign}{count} * {element.Matrix}Step);");
                }
            }
        }

        code.Line();
    }

    /// <summary>Asks for the lines, and goes on by a round.</summary>
    public void Ask(CodeWriter code)
    {
        foreach (var i in Instructions)
            code.Line($"Prefetch.Line<T>(step {(isBackward ? ">=" : "<=")} aheadLast ? ahead{i} : 0);").Line($"ahead{i} += aheadStep{i};");
    }
}
