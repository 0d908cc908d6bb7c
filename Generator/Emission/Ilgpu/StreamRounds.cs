using System;
using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>An element that each step of a streaming kernel loads, as it lies in memory.</summary>
/// <param name="Name">Its name in a step.</param>
/// <param name="Next">Its name in a step of the round after.</param>
/// <param name="Load">Its load, some steps further on the kernel's way.</param>
/// <param name="OfOne">Its load outside of a round, where that is another.</param>
internal sealed record RoundElement(string Name, string Next, Func<int, string> Load, string? OfOne = null);

/// <summary>How a streaming kernel counts its steps.</summary>
/// <param name="Remain">Whether some number of steps remain.</param>
/// <param name="Next">Goes on by a round.</param>
/// <param name="Ahead">Asks for the memory of a later round.</param>
internal sealed record RoundText(Func<int, string> Remain, string Next, Action Ahead);

/// <summary>
/// The loop of a streaming kernel over rounds of several steps. All loads of a round are under way at once. Where a thread has one
/// channel, they are those of the round after, so that the memory works while a round is computed.
/// </summary>
internal static class StreamRounds
{
    /// <param name="code">The writer.</param>
    /// <param name="lanes">The thread's channels.</param>
    /// <param name="unroll">Steps of a round.</param>
    /// <param name="text">How the steps are counted.</param>
    /// <param name="elements">What a step loads.</param>
    /// <param name="round">Writes a round of loaded steps.</param>
    public static void Write(
        CodeWriter code, LaneText lanes, int unroll, RoundText text, IReadOnlyList<RoundElement> elements, Action round)
    {
        if (lanes.IsWide || elements.Count == 0)
        {
            using (code.Block($"for (; {text.Remain(unroll)}; {text.Next})"))
            {
                code.Line("// All loads of the round stand before its stores: they are under way at once.");
                Loads(0, isNext: false);
                round();
            }

            return;
        }

        using (code.Block($"if ({text.Remain(unroll)})"))
        {
            Loads(0, isNext: false);
            code.Line();
            using (code.Block($"for (; {text.Remain(2 * unroll)}; {text.Next})"))
            {
                code.Line("// The loads of the next round are under way while this one is computed.");
                Loads(unroll, isNext: true);
                text.Ahead();
                round();
                code.Line();
                foreach (var (element, i) in Each())
                    code.Line($"{KernelNames.At(element.Name, i)} = {KernelNames.At(element.Next, i)};");
            }

            code.Line().Line("// No round comes after the last one.");
            using (code.Body())
                round();
            code.Line().Line($"{text.Next};");
        }

        void Loads(int ahead, bool isNext)
        {
            foreach (var (element, i) in Each())
                code.Line($"var {KernelNames.At(isNext ? element.Next : element.Name, i)} = {element.Load(ahead + i)};");
        }

        IEnumerable<(RoundElement Element, int Step)> Each() =>
            Enumerable.Range(0, unroll).SelectMany(i => elements.Select(element => (element, i)));
    }
}
