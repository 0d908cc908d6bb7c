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
/// <param name="vectors">The constant that has the vectors of a step's row.</param>
internal sealed class SpanText(LayerPlan plan, SpanPlan spans, SpanSchedule schedule, string vectors)
{
    private readonly VectorDialect dialect = new(plan.IsDouble);

    public static IDisposable Kernel(CodeWriter code, LayerPlan plan, string name, string result = "void") => code.Block(
        $"""
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static {result} {name}<TLanes>(in VectorStateBlock<{CpuKernelEmitter.Scalar(plan)}> block)
            where TLanes : struct, ILaneAccess<{CpuKernelEmitter.Scalar(plan)}>
        """);

    /// <summary>Before the first channel: the matrices of the block, and its channels.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="carried">The matrices of what an element carries from step to step.</param>
    public void WriteHead(CodeWriter code, params string[] carried)
    {
        if (Reads(SymbolKind.Weight) || (plan.Bias && Reads(SymbolKind.Projection)))
            code.Line("ref var parameters = ref block.Parameters;");
        if (Reads(SymbolKind.Hoisted))
            code.Line("ref var prepared = ref block.Prepared;");
        code.Line("ref var rows = ref block.Rows;");
        foreach (var matrix in carried)
            code.Line($"ref var {matrix} = ref block.{KernelPlan.Capital(matrix)};");
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
        Prefetch(code, schedule.Ahead);
        code.Line(StepRow);
        Loads(code, SymbolsOf(schedule.Ahead).Where(symbol => !symbol.IsStill));
        Expressions(schedule.Ahead).Values(code, schedule.Ahead.Values);
        foreach (var (symbol, value) in schedule.Ahead.Results)
            code.Line(Store(Expressions(schedule.Ahead).Use(value), symbol));
        foreach (var sum in schedule.Sums)
            code.Line(Store("Lanes.Zero", sum));
    }

    /// <summary>Opens the loop over a channel's elements.</summary>
    public static IDisposable Elements(CodeWriter code)
    {
        code.Line("var element = local;");
        return code.Block("for (nint index = 0; index < StateSize; index++, element += width)");
    }

    /// <summary>At the head of an element: what stays the same in all its steps.</summary>
    public void WriteElement(CodeWriter code) =>
        Loads(code, Passes.SelectMany(SymbolsOf).Where(symbol => symbol is { IsStill: true, IsIndexed: true }));

    /// <summary>At the head of an element's step: its values.</summary>
    public void WriteValues(CodeWriter code, Schedule pass)
    {
        code.Line(StepRow);
        Loads(code, SymbolsOf(pass).Where(symbol => !symbol.IsStill && !IsCarried(pass, symbol)));
        Expressions(pass).Values(code, pass.Values);
    }

    /// <summary>The loop after the elements, up to what it delivers.</summary>
    public IDisposable After(CodeWriter code)
    {
        var loop = Steps(code);
        WriteRows(code, schedule.After);
        code.Line(StepRow);
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
        pass.Loads.FirstOrDefault(load => load.Symbol is { Kind: SymbolKind.State } symbol && symbol.Index == state) is { } load ? pass.Names[load] : LoadFromRow(SymbolKind.State, state);

    /// <summary>Writes a value to the step's row, in the place of a symbol.</summary>
    public string Store(string value, Symbol symbol) => $"StepRows.Store({value}, ref stepRow, {Literals.Int(schedule.VectorOf(symbol.Kind, symbol.Index))});";

    /// <summary>Where a row of the block's channels has the current channel: the row itself, or the element's among those from it on.</summary>
    public static string At(int row, bool isIndexed) => (row == 0 ? "" : row == 1 ? "width + " : $"({Literals.Int(row)} * width) + ") + (isIndexed ? "element" : "local");

    public string StateRow(int state) => At(state * plan.StateSize, isIndexed: true);

    /// <summary>Where a step's row has the sum over channels for the current element of a shared pre-activation.</summary>
    public string SumsAt(Symbol sum) => $"({Literals.Int(schedule.Vectors + (sum.Index * plan.StateSize))} + index) * Lanes.Count";

    public string WidthOfRow => plan.Shared == 0 ? CpuKernelEmitter.Width(plan.Projections) : "PreactivationWidth";

    private string StepRow => $"ref var stepRow = ref StepRows.At(ref rows, step, {vectors}, {(plan.Shared > 0 ? "SharedInputs" : "0")});";

    /// <summary>Whether a pass has a symbol in a variable already. The adjoint has states from the pass before it.</summary>
    private bool IsCarried(Schedule pass, Symbol symbol) =>
        symbol.Kind is SymbolKind.StateGradient or SymbolKind.NextState or SymbolKind.StepSum or SymbolKind.Transition or SymbolKind.Offset
        || (symbol.Kind == SymbolKind.State && (schedule.Replay is null || pass == schedule.Replay));

    private IEnumerable<Schedule> Passes => new[] { schedule.Replay, schedule.Element, schedule.Ahead, schedule.AfterElement, schedule.After }.OfType<Schedule>();

    private bool Reads(SymbolKind kind) => Passes.Any(pass => pass.Loads.Any(load => load.Symbol!.Kind == kind));

    /// <summary>At the head of a step: the rows that it reads.</summary>
    private void WriteRows(CodeWriter code, Schedule pass)
    {
        var kinds = new HashSet<SymbolKind>(pass.Loads.Select(load => load.Symbol!.Kind));
        code.Line("var row = block.Row(step);");
        if (kinds.Contains(SymbolKind.Projection))
            code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {WidthOfRow});");
        if (kinds.Contains(SymbolKind.Input))
            code.Line("ref var inputs = ref Buffers.Row(ref block.Input, row, Channels);");
        if (kinds.Contains(SymbolKind.OutputGradient))
            code.Line("ref var outputGradientRow = ref Buffers.Row(ref block.OutputGradient, row, block.OutputGradientWidth);");
    }

    /// <summary>Asks for what the step reads in the span that comes next, and for where the loop after the elements writes.</summary>
    private void Prefetch(CodeWriter code, Schedule pass)
    {
        if (schedule.After.Results.Any(result => result.Target == KernelPlan.OutputSymbol))
            code.Line("TLanes.Prefetch(ref Buffers.Row(ref block.Output, row, Channels), channel);");
        foreach (var (target, _) in schedule.After.Results)
        {
            if (target.Kind == SymbolKind.Projection)
                code.Line($"TLanes.Prefetch(ref Buffers.Row(ref block.PreactivationGradient, row, {WidthOfRow}), {CpuKernelEmitter.At(target.Index)});");
            else if (target.Kind == SymbolKind.Input)
                code.Line("TLanes.Prefetch(ref Buffers.Row(ref block.InputGradient, row, Channels), channel);");
        }

        foreach (var symbol in SymbolsOf(pass))
        {
            if (symbol.Kind == SymbolKind.Projection)
                code.Line($"TLanes.Prefetch(ref preactivations, (block.RowsAhead * {WidthOfRow}) + {CpuKernelEmitter.At(symbol.Index)});");
            else if (symbol.Kind == SymbolKind.Input)
                code.Line("TLanes.Prefetch(ref inputs, (block.RowsAhead * Channels) + channel);");
            else if (symbol.Kind == SymbolKind.OutputGradient)
                code.Line("TLanes.Prefetch(ref outputGradientRow, (block.RowsAhead * block.OutputGradientWidth) + channel);");
        }
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
        SymbolKind.Input => CpuKernelEmitter.LoadFrom("inputs", 0),
        SymbolKind.OutputGradient => CpuKernelEmitter.LoadFrom("outputGradientRow", 0),
        SymbolKind.Weight => LoadWeight(plan, symbol),
        SymbolKind.Hoisted => Local("prepared", At(spans.RowOf(symbol), symbol.IsIndexed)),
        SymbolKind.Shared => $"Broadcast(StepRows.Number(ref stepRow, {vectors}, {(symbol.Index == 0 ? "" : Literals.Int(symbol.Index * plan.StateSize) + " + ")}index))",
        SymbolKind.ChannelSum => $"TLanes.Load(ref stepRow, {SumsAt(symbol)}, lanes)",
        SymbolKind.Channel or SymbolKind.ElementSum or SymbolKind.State or SymbolKind.Kept => LoadFromRow(symbol.Kind, symbol.Index),
        _ => throw new ArgumentOutOfRangeException(nameof(symbol), symbol.Kind, "Nothing loads this kind of symbol."),
    };

    public static string LoadWeight(LayerPlan plan, Symbol weight) => Local("parameters", At(plan.BiasRows + plan.FirstRow(weight), weight.IsIndexed));

    private string LoadFromRow(SymbolKind kind, int index) => $"StepRows.Load(ref stepRow, {Literals.Int(schedule.VectorOf(kind, index))})";

    private static string Local(string matrix, string at) => $"TLanes.Load(ref {matrix}, {at}, lanes)";
}
