using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>The rows of tensors that a kernel's steps read: their references, their values, and asking for them in advance.</summary>
/// <param name="plan">The layer.</param>
/// <param name="schedule">What a step reads.</param>
/// <param name="readsOutputGradient">Whether a step reads the gradient of the output, by a symbol of its own or with the state's.</param>
/// <param name="readsPrevious">Whether states come from the tensor that keeps them, rather than from those that the kernel carries.</param>
internal sealed class InputRows(LayerPlan plan, Schedule schedule, bool readsOutputGradient, bool readsPrevious)
{
    /// <summary>Each tensor's name in the kernel, with the rows of channels read and how far apart two time steps are.</summary>
    private IEnumerable<(string Name, IEnumerable<int> Rows, string Stride)> Tensors
    {
        get
        {
            if (Reads(SymbolKind.Projection))
                yield return ("preactivations", RowsOf(SymbolKind.Projection), CpuKernelEmitter.Factor(plan.Projections));
            if (Reads(SymbolKind.Input))
                yield return ("inputs", [0], "Channels");
            if (ReadsPrevious)
                yield return ("previous", RowsOf(SymbolKind.State), CpuKernelEmitter.Factor(plan.States));
            if (readsOutputGradient)
                yield return ("outputGradientRow", [0], "block.OutputGradientWidth");
        }
    }

    private bool ReadsPrevious => readsPrevious && Reads(SymbolKind.State);

    public bool ReadsParameters => schedule.Loads.Any(load => load.Symbol!.IsStill || (plan.Bias && load.Symbol.Kind == SymbolKind.Projection));

    /// <summary>Before the first step: how far ahead to ask for each tensor.</summary>
    public void WriteDistances(CodeWriter code)
    {
        foreach (var (name, _, stride) in Tensors)
            code.Line($"var {name}Ahead = block.RowsAhead * {stride};");
    }

    /// <summary>At the head of a step: the rows.</summary>
    public void WriteReferences(CodeWriter code)
    {
        code.Line("var row = block.Row(step);");
        if (Reads(SymbolKind.Projection))
            code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {CpuKernelEmitter.Width(plan.Projections)});");
        if (Reads(SymbolKind.Input))
            code.Line("ref var inputs = ref Buffers.Row(ref block.Input, row, Channels);");
        if (ReadsPrevious)
        {
            code.Line(
                $"""
                ref var previous = ref step == 0
                    ? ref block.InitialState
                    : ref Buffers.Row(ref block.{(plan.Cell.KeepsStates ? "States" : "Output")}, block.Row(step - 1), {CpuKernelEmitter.Width(plan.States)});
                """);
        }

        if (readsOutputGradient)
            code.Line("ref var outputGradientRow = ref Buffers.Row(ref block.OutputGradient, row, block.OutputGradientWidth);");
    }

    /// <summary>At the head of a channel: the values, after asking for those of a later step.</summary>
    public void WriteLoads(CodeWriter code)
    {
        foreach (var (name, rows, _) in Tensors)
        {
            foreach (var row in rows)
                code.Line($"TLanes.Prefetch(ref {name}, {name}Ahead + {CpuKernelEmitter.At(row)});");
        }

        code.Line();
        foreach (var load in schedule.Loads)
            code.Line($"var {schedule.Names[load]} = {CpuKernelEmitter.Load(plan, load.Symbol!, readsPrevious ? "previous" : "state")};");
        code.Line();
    }

    private bool Reads(SymbolKind kind) => RowsOf(kind).Any();

    private IEnumerable<int> RowsOf(SymbolKind kind) => schedule.Loads.Where(load => load.Symbol!.Kind == kind).Select(load => load.Symbol!.Index);
}
