using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>
/// How the elements of a channel's vector states are spread over the threads of a GPU: each keeps some of them in registers, and the
/// slices of a channel are threads of one group.
/// </summary>
/// <param name="Count">Threads of a channel.</param>
/// <param name="Elements">Elements of each.</param>
/// <param name="Buffers">
/// Buffers that the steps of a backward scan take in turn for what threads tell each other: with two, no thread waits until all have read.
/// </param>
internal sealed record ElementSlices(int Count, int Elements, int Buffers)
{
    /// <summary>Channels of a group, and steps whose operands it shares.</summary>
    private const int Lanes = 32, Steps = 8;

    /// <summary>Threads of a channel, at most: eight warps are a large group.</summary>
    private const int MostSlices = 8;

    /// <summary>Elements of a thread, at most: the text of kernels names each.</summary>
    private const int MostElements = 32;

    /// <summary>Numbers that a thread may keep from step to step: half of its registers remain for the arithmetic.</summary>
    private const int NumbersKept = 128;

    /// <summary>Memory that a group shares on every device.</summary>
    private const int SharedBytes = 48 << 10;

    /// <summary>The fewest slices that fit, with the transitions of split time where any do; null where none do.</summary>
    /// <param name="cell">The cell, simplified.</param>
    /// <param name="elements">The plan of its elements.</param>
    /// <param name="isDouble">Whether numbers are of double precision.</param>
    public static ElementSlices? Of(Cell cell, ElementPlan elements, bool isDouble)
    {
        var fitting = Fitting(cell, elements, isDouble);
        return fitting.FirstOrDefault(slices => slices.HoldsTransitions(elements)) ?? fitting.FirstOrDefault();
    }

    /// <summary>The slices that fit, fewest first and those of two buffers before those of one.</summary>
    private static IEnumerable<ElementSlices> Fitting(Cell cell, ElementPlan elements, bool isDouble)
    {
        var kept = Kept(cell, elements);
        return
            from slices in Enumerable.Range(1, MostSlices)
            where cell.StateSize % slices == 0
            let ofThread = cell.StateSize / slices
            where ofThread <= MostElements && Holds(ofThread, kept)
            from buffers in new[] { 2, 1 }
            where SharedNumbers(cell, elements.Backward.Sums.Count, slices, buffers) * (isDouble ? sizeof(double) : sizeof(float)) <= SharedBytes
            select new ElementSlices(slices, ofThread, buffers);
    }

    /// <summary>Whether a thread can also keep a transition of each of its elements: else time is not split.</summary>
    public bool HoldsTransitions(ElementPlan elements) => Holds(elements.ForwardTransition) && Holds(elements.BackwardTransition);

    private bool Holds(ElementTransition? transition) =>
        transition is not null && Holds(Elements, transition.Plan.Elements.Length + Still(transition.Schedule));

    private static bool Holds(int elements, int numbers) => elements * numbers <= NumbersKept;

    /// <summary>Numbers that an element keeps from step to step: its states or their gradients, what weights give, and sums of gradients.</summary>
    private static int Kept(Cell cell, ElementPlan elements)
    {
        var sums = elements.Backward.Element.Results.Count(result => result.Target is { Kind: SymbolKind.Weight, IsIndexed: true } && !result.Value.Is(0));
        return cell.NextStates.Length + System.Math.Max(Still(elements.Forward), Still(elements.Backward) + sums);
    }

    /// <summary>Those of them that stay the same.</summary>
    private static int Still(ElementSchedule schedule) => schedule.ElementLoads.Count(load => load.Symbol!.IsStill);

    /// <summary>Numbers that a group of a backward scan shares.</summary>
    private static int SharedNumbers(Cell cell, int sums, int slices, int buffers)
    {
        var shared = cell.Shared.Count() * cell.StateSize;
        var ofChannel = cell.Projections.Count() + (cell.HasInput ? 1 : 0);
        var staged = Steps * (((ofChannel + 1) * Lanes) + shared);
        var parts = slices == 1 ? 0 : buffers * sums * slices * Lanes;

        // Rows of lanes are GroupSums.Pitch apart.
        return staged + parts + (buffers * shared * (Lanes + 4)) + shared;
    }
}
