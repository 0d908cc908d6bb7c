using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>
/// What the kernels of cells with vector states have in common. A channel's elements are an inner loop; what is the same for all
/// of them is computed before it. Matrices of the block's own channels have rows of <c>width</c>, one row an element.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="elements">The plan of an element.</param>
/// <param name="schedule">What the kernel computes.</param>
/// <param name="isBackward">Whether states come from those that were recomputed, rather than from those that are carried.</param>
internal sealed class ElementText(LayerPlan plan, ElementPlan elements, ElementSchedule schedule, bool isBackward)
{
    private Names Names => schedule.Element.Names;

    public IEnumerable<(Symbol Target, Expr Value)> Results => schedule.Element.Results;

    public ExpressionWriter Expressions { get; } = new(schedule.Element.Names, new VectorDialect(plan.IsDouble));

    public bool Reads(SymbolKind kind) => schedule.Loads.Any(load => load.Symbol!.Kind == kind);

    /// <summary>The output's gradient is read by a symbol of its own, or with the first state's.</summary>
    public bool ReadsOutputGradient => isBackward && (plan.Cell.Output is null || Reads(SymbolKind.OutputGradient));

    public static IDisposable Kernel(CodeWriter code, LayerPlan plan, string name) => code.Block(
        $"""
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void {name}<TLanes>(in VectorStateBlock<{CpuKernelEmitter.Scalar(plan)}> block)
            where TLanes : struct, ILaneAccess<{CpuKernelEmitter.Scalar(plan)}>
        """);

    /// <summary>Before the first step: the matrices of the block, and its channels.</summary>
    public void WriteHead(CodeWriter code)
    {
        if (schedule.Loads.Any(load => load.Symbol!.Kind == SymbolKind.Weight || (plan.Bias && load.Symbol.Kind == SymbolKind.Projection)))
            code.Line("ref var parameters = ref block.Parameters;");
        if (plan.Bias && Reads(SymbolKind.Shared))
            code.Line("ref var sharedBias = ref block.SharedBias;");
        if (Reads(SymbolKind.Hoisted))
            code.Line("ref var prepared = ref block.Prepared;");
        Range(code);
    }

    /// <summary>At the head of a step: the rows.</summary>
    public void WriteReferences(CodeWriter code)
    {
        var width = plan.Shared == 0 ? CpuKernelEmitter.Width(plan.Projections) : "PreactivationWidth";
        code.Line("var row = block.Row(step);");
        if (Reads(SymbolKind.Projection) || Reads(SymbolKind.Shared))
            code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {width});");
        if (Reads(SymbolKind.Shared))
            code.Line($"ref var shared = ref Unsafe.Add(ref preactivations, {CpuKernelEmitter.Width(plan.Projections)});");
        if (Reads(SymbolKind.Input))
            code.Line("ref var input = ref Buffers.Row(ref block.Input, row, Channels);");
        if (ReadsOutputGradient)
            code.Line("ref var outputGradientRow = ref Buffers.Row(ref block.OutputGradient, row, block.OutputGradientWidth);");
    }

    /// <summary>At the head of a channel: what its elements share.</summary>
    public void WriteChannel(CodeWriter code)
    {
        foreach (var load in schedule.ChannelLoads)
            code.Line($"var {Names[load]} = {Load(load.Symbol!)};");
        Expressions.Values(code, schedule.Channel.Values);
    }

    /// <summary>At the head of an element: its values.</summary>
    public void WriteElement(CodeWriter code)
    {
        foreach (var load in schedule.ElementLoads)
            code.Line($"var {Names[load]} = {Load(load.Symbol!)};");
        Expressions.Values(code, schedule.Element.Values);
    }

    /// <summary>A state before the step: by the name that it was loaded under, if the step reads it.</summary>
    public string Before(Symbol state) => schedule.Loads.FirstOrDefault(load => load.Symbol == state) is { } load ? Names[load] : Load(state);

    /// <summary>At the end of an element: its states are carried on.</summary>
    public void WriteNextStates(CodeWriter code)
    {
        foreach (var (target, value) in Results.Where(result => result.Target.Kind == SymbolKind.State))
            code.Line($"TLanes.Store({Expressions.Use(value)}, ref state, {StateRow(target.Index)}, lanes);");
    }

    /// <summary>Opens the loop over the channels.</summary>
    public static IDisposable Channels(CodeWriter code)
    {
        var loop = CpuKernelEmitter.Channels(code);
        code.Line("var local = channel - origin;");
        return loop;
    }

    /// <summary>Opens the loop over a channel's elements.</summary>
    public static IDisposable Elements(CodeWriter code)
    {
        code.Line("var element = local;");
        return code.Block("for (var index = 0; index < StateSize; index++, element += width)");
    }

    /// <summary>Where a row of the block's channels has the current channel: the row itself, or the element's among those from it on.</summary>
    public static string At(int row, bool isIndexed) => (row == 0 ? "" : row == 1 ? "width + " : $"({Literals.Int(row)} * width) + ") + (isIndexed ? "element" : "local");

    public string StateRow(int state) => At(state * plan.StateSize, isIndexed: true);

    /// <summary>The offset of the current element among the shared ones.</summary>
    public string SharedElement(int shared) => shared == 0 ? "index" : $"{Literals.Int(shared * plan.StateSize)} + index";

    /// <summary>The channels that a kernel works on, of those of the block.</summary>
    public static void Range(CodeWriter code) => code.Line(
        """
        nint first = block.FirstChannel, end = block.EndChannel, origin = block.Origin, width = block.Width;
        var lanes = block.Lanes;
        """);

    /// <summary>The value that a symbol has at the current step, channel and element.</summary>
    public string Load(Symbol symbol) => symbol.Kind switch
    {
        SymbolKind.Projection => CpuKernelEmitter.LoadFrom("preactivations", symbol.Index)
            + (plan.Bias ? " + " + Local("parameters", At(symbol.Index, isIndexed: false)) : ""),
        SymbolKind.Shared => $"Broadcast(Unsafe.Add(ref shared, {SharedElement(symbol.Index)})"
            + (plan.Bias ? $" + Unsafe.Add(ref sharedBias, {SharedElement(symbol.Index)}))" : ")"),
        SymbolKind.Weight => Local("parameters", At(plan.BiasRows + plan.FirstRow(symbol), symbol.IsIndexed)),
        SymbolKind.Hoisted => Local("prepared", At(elements.RowOf(symbol), symbol.IsIndexed)),
        SymbolKind.Input => CpuKernelEmitter.LoadFrom("input", 0),
        SymbolKind.State => Local(isBackward ? "states" : "state", StateRow(symbol.Index)),
        SymbolKind.StateGradient => Local("stateGradient", StateRow(symbol.Index))
            + (symbol.Index == 0 && plan.Cell.Output is null ? " + " + CpuKernelEmitter.LoadFrom("outputGradientRow", 0) : ""),
        _ => CpuKernelEmitter.LoadFrom("outputGradientRow", 0),
    };

    private static string Local(string matrix, string at) => $"TLanes.Load(ref {matrix}, {at}, lanes)";
}
