using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>
/// What the kernels of cells with vector states have in common. Matrices of the block's own channels have rows of <c>width</c>; what loops over
/// a span hand on has a row of whole vectors for each step.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="spans">Its schedules.</param>
/// <param name="schedule">Of the kernel.</param>
internal sealed class SpanText(LayerPlan plan, SpanPlan spans, SpanSchedule schedule)
{
    private readonly VectorDialect dialect = new(plan.IsDouble);

    public static IDisposable Kernel(CodeWriter code, LayerPlan plan, string name) => code.Block(
        $"""
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void {name}<TLanes>(in VectorStateBlock<{CpuKernelEmitter.Scalar(plan)}> block)
            where TLanes : struct, ILaneAccess<{CpuKernelEmitter.Scalar(plan)}>
        """);

    /// <summary>Before the first channel: the matrices of the block, and its channels.</summary>
    public void WriteHead(CodeWriter code)
    {
        if (Reads(SymbolKind.Weight) || (plan.Bias && Reads(SymbolKind.Projection)))
            code.Line("ref var parameters = ref block.Parameters;");
        if (Reads(SymbolKind.Hoisted))
            code.Line("ref var prepared = ref block.Prepared;");
        if (Reads(SymbolKind.Shared))
            code.Line("ref var shared = ref block.Shared;");
        code.Line("ref var values = ref block.Values;").Line("ref var state = ref block.State;");
        Range(code);
        code.Line("var steps = block.Steps;");
    }

    /// <summary>The channels that a kernel works on, of those of the block.</summary>
    public static void Range(CodeWriter code) => code.Line(
        """
        nint first = block.FirstChannel, end = block.EndChannel, origin = block.Origin, width = block.Width;
        var lanes = block.Lanes;
        """);

    /// <summary>Opens the loop over the channels.</summary>
    public static IDisposable Channels(CodeWriter code)
    {
        var loop = CpuKernelEmitter.Channels(code);
        code.Line("var local = channel - origin;");
        return loop;
    }

    /// <summary>At the head of a channel: what stays the same in all its steps and elements.</summary>
    public void WriteChannel(CodeWriter code) =>
        Loads(code, Passes.SelectMany(SymbolsOf).Where(symbol => symbol is { IsStill: true, IsIndexed: false }));

    /// <summary>The loop ahead of the elements.</summary>
    public void WriteAhead(CodeWriter code)
    {
        using var loop = Steps(code);
        WriteRows(code, schedule.Ahead);
        code.Line(ValueRow);
        Loads(code, SymbolsOf(schedule.Ahead).Where(symbol => !symbol.IsStill));
        Expressions(schedule.Ahead).Values(code, schedule.Ahead.Values);
        foreach (var (symbol, value) in schedule.Ahead.Results)
            code.Line(StoreRow(Expressions(schedule.Ahead).Use(value), "value", symbol.Index));
        for (var i = schedule.Ahead.Results.Length; i < schedule.ValueRows; i++)
            code.Line(StoreRow("Lanes.Zero", "value", i));
    }

    /// <summary>Opens the loop over a channel's elements.</summary>
    public static IDisposable Elements(CodeWriter code)
    {
        code.Line("var element = local;");
        return code.Block("for (nint index = 0; index < StateSize; index++, element += width)");
    }

    /// <summary>At the head of an element: what stays the same in all its steps.</summary>
    public void WriteElement(CodeWriter code)
    {
        Loads(code, Passes.SelectMany(SymbolsOf).Where(symbol => symbol is { IsStill: true, IsIndexed: true }));
        foreach (var symbol in ElementPasses.SelectMany(SymbolsOf).Where(symbol => symbol.Kind == SymbolKind.Shared).Distinct())
            code.Line($"ref var {StepsOf(symbol.Name)} = ref Unsafe.Add(ref shared, {SharedRow(symbol.Index)} * SpanSteps);");
    }

    /// <summary>At the head of an element's step: its values.</summary>
    public void WriteValues(CodeWriter code, Schedule pass)
    {
        if (pass.Loads.Any(load => load.Symbol!.Kind is SymbolKind.Channel or SymbolKind.ElementSum) || pass.Results.Any(result => result.Target.Kind == SymbolKind.ElementSum))
            code.Line(ValueRow);
        Loads(code, SymbolsOf(pass).Where(symbol => !symbol.IsStill && !IsCarried(pass, symbol)));
        Expressions(pass).Values(code, pass.Values);
    }

    /// <summary>The loop after the elements, up to what it delivers.</summary>
    public IDisposable After(CodeWriter code)
    {
        var loop = Steps(code);
        WriteRows(code, schedule.After);
        code.Line(ValueRow);
        Loads(code, SymbolsOf(schedule.After).Where(symbol => !symbol.IsStill));
        Expressions(schedule.After).Values(code, schedule.After.Values);
        return loop;
    }

    /// <summary>Ahead of an element's first step: its states.</summary>
    public void WriteStates(CodeWriter code)
    {
        foreach (var state in plan.Cell.States)
            code.Line($"var {schedule.Carried(state.Symbol)} = TLanes.Load(ref state, {StateRow(state.Symbol.Index)}, lanes);");
    }

    /// <summary>At the end of a step: its states are carried on.</summary>
    public void CarryStates(CodeWriter code, Schedule pass) =>
        code.Line(Carry([.. pass.Results.Where(result => result.Target.Kind == SymbolKind.State)
            .Select(result => (schedule.Carried(result.Target), Expressions(pass).Use(result.Value)))]));

    public static IDisposable Steps(CodeWriter code) => code.Block("for (nint step = 0; step < steps; step++)");

    /// <summary>Variables that a step leaves to the next: one by one where there is one, else all at once.</summary>
    public static string Carry(IReadOnlyList<(string Name, string Value)> carried) => carried.Count == 1
        ? $"{carried[0].Name} = {carried[0].Value};"
        : $"({string.Join(", ", carried.Select(entry => entry.Name))}) = ({string.Join(", ", carried.Select(entry => entry.Value))});";

    public ExpressionWriter Expressions(Schedule pass) => new(pass.Names, dialect);

    /// <summary>A state before the step, by its name where the pass loads it.</summary>
    public string Before(Schedule pass, int state) =>
        pass.Loads.FirstOrDefault(load => load.Symbol is { Kind: SymbolKind.State } symbol && symbol.Index == state) is { } load ? pass.Names[load] : Row("keptValue", state);

    public string StoreSum(Schedule pass, Symbol sum, Expr value) =>
        StoreRow(Expressions(pass).Use(value), "value", schedule.Ahead.Results.Length + sum.Index);

    public static string StoreRow(string value, string row, int index) => $"StepRows.Store({value}, ref {row}, {Literals.Int(index)});";

    /// <summary>Where a row of the block's channels has the current channel: the row itself, or the element's among those from it on.</summary>
    public static string At(int row, bool isIndexed) => (row == 0 ? "" : row == 1 ? "width + " : $"({Literals.Int(row)} * width) + ") + (isIndexed ? "element" : "local");

    public string StateRow(int state) => At(state * plan.StateSize, isIndexed: true);

    /// <summary>The row of the current element among the shared ones.</summary>
    public string SharedRow(int shared) => shared == 0 ? "index" : $"({Literals.Int(shared * plan.StateSize)} + index)";

    public static string StepsOf(string shared) => shared + "Steps";

    public static string SumsOf(string shared) => shared + "Sums";

    public string WidthOfRow => plan.Shared == 0 ? CpuKernelEmitter.Width(plan.Projections) : "PreactivationWidth";

    private string ValueRow => $"ref var value = ref StepRows.At(ref values, step, {Literals.Int(schedule.ValueRows)});";

    /// <summary>Whether a pass has a symbol in a variable already. The adjoint has states from the pass before it.</summary>
    private bool IsCarried(Schedule pass, Symbol symbol) =>
        symbol.Kind is SymbolKind.StateGradient or SymbolKind.NextState or SymbolKind.StepSum
        || (symbol.Kind == SymbolKind.State && (schedule.Replay is null || pass == schedule.Replay));

    private IEnumerable<Schedule> ElementPasses => schedule.Replay is null ? [schedule.Element] : [schedule.Replay, schedule.Element];

    private IEnumerable<Schedule> Passes => ElementPasses.Concat([schedule.Ahead, schedule.AfterElement, schedule.After]);

    private bool Reads(SymbolKind kind) => Passes.Any(pass => pass.Loads.Any(load => load.Symbol!.Kind == kind));

    /// <summary>At the head of a step: the rows that it reads.</summary>
    private void WriteRows(CodeWriter code, Schedule pass)
    {
        var kinds = new HashSet<SymbolKind>(pass.Loads.Select(load => load.Symbol!.Kind));
        code.Line("var row = block.Row(step);");
        if (kinds.Contains(SymbolKind.Projection))
            code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {WidthOfRow});");
        if (kinds.Contains(SymbolKind.Input))
            code.Line("ref var input = ref Buffers.Row(ref block.Input, row, Channels);");
        if (kinds.Contains(SymbolKind.OutputGradient))
            code.Line("ref var outputGradientRow = ref Buffers.Row(ref block.OutputGradient, row, block.OutputGradientWidth);");
    }

    private static IEnumerable<Symbol> SymbolsOf(Schedule pass) => pass.Loads.Select(load => load.Symbol!);

    private void Loads(CodeWriter code, IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols.Distinct())
            code.Line($"var {schedule.Names[symbol]} = {Load(symbol)};");
    }

    /// <summary>The value that a symbol has at the current step, channel and element.</summary>
    private string Load(Symbol symbol) => symbol.Kind switch
    {
        SymbolKind.Projection => CpuKernelEmitter.LoadFrom("preactivations", symbol.Index)
            + (plan.Bias ? " + " + Local("parameters", At(symbol.Index, isIndexed: false)) : ""),
        SymbolKind.Input => CpuKernelEmitter.LoadFrom("input", 0),
        SymbolKind.OutputGradient => CpuKernelEmitter.LoadFrom("outputGradientRow", 0),
        SymbolKind.Weight => LoadWeight(plan, symbol),
        SymbolKind.Hoisted => Local("prepared", At(spans.RowOf(symbol), symbol.IsIndexed)),
        SymbolKind.Shared => $"Broadcast(Unsafe.Add(ref {StepsOf(symbol.Name)}, step))",
        SymbolKind.ChannelSum => $"TLanes.Load(ref {SumsOf(plan.Cell.Shared.ElementAt(symbol.Index).Name)}, step * Lanes.Count, lanes)",
        SymbolKind.Channel => Row("value", symbol.Index),
        SymbolKind.ElementSum => Row("value", schedule.Ahead.Results.Length + symbol.Index),
        SymbolKind.State => Row("keptValue", symbol.Index),
        SymbolKind.Kept => Row("keptValue", plan.Cell.NextStates.Length + symbol.Index),
        _ => throw new ArgumentOutOfRangeException(nameof(symbol), symbol.Kind, "Nothing loads this kind of symbol."),
    };

    public static string LoadWeight(LayerPlan plan, Symbol weight) => Local("parameters", At(plan.BiasRows + plan.FirstRow(weight), weight.IsIndexed));

    private static string Row(string row, int index) => $"StepRows.Load(ref {row}, {Literals.Int(index)})";

    private static string Local(string matrix, string at) => $"TLanes.Load(ref {matrix}, {at}, lanes)";
}
