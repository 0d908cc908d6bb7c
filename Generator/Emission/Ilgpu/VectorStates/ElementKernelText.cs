using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// What the kernels of a layer with vector states have in common. A thread names the numbers of each of its elements; what its step
/// reads from memory comes through what the group shares.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="slices">How elements are spread over threads.</param>
/// <param name="names">The kernel's names.</param>
/// <param name="isSplit">Whether there are kernels that split time.</param>
internal sealed class ElementKernelText(LayerPlan plan, ElementSlices slices, KernelNames names, bool isSplit)
{
    private readonly LaneText lanes = LaneText.Single(plan);

    public string Scalar => lanes.Scalar;

    /// <summary>Whether several threads share a channel's elements.</summary>
    public bool IsSliced => slices.Count > 1;

    /// <summary>The numbers of the thread's elements.</summary>
    public IEnumerable<int> Elements => Enumerable.Range(0, slices.Elements);

    public IEnumerable<Symbol> States => plan.Cell.States.Select(state => state.Symbol);

    /// <summary>The name that one of the thread's elements has for something.</summary>
    public static string Of(string name, int element) => KernelNames.At(name, element);

    /// <summary>An element's row of all states, counted from the thread's first element.</summary>
    public int StateRow(Symbol state, int element) => (state.Index * plan.StateSize) + element;

    /// <summary>Something for each of the thread's elements of each state.</summary>
    public IEnumerable<(Symbol State, int Element, int Row)> AllStates =>
        States.SelectMany(state => Elements.Select(element => (state, element, StateRow(state, element))));

    /// <summary>Declares the row, the channel and where the thread's elements are.</summary>
    public void Place(CodeWriter code)
    {
        code.Line("var place = TRows.Piece(scan.Window, scan.Work.Sequences.Cast<long>(), thread.Piece);");
        code.Line("var channel = thread.Channel;");
        if (IsSliced)
            code.Line("var firstElement = thread.Slice * Elements;");
    }

    /// <summary>Declares where the states that a row takes or gives are.</summary>
    public void DeclareStateAt(CodeWriter code) => code.Line($"var stateAt = (place.State * {KernelText.Width(plan.States)}) + {OfSlice("channel")};");

    /// <summary>Where the row's first kept states are, of its first channel.</summary>
    public string CheckpointsOfRow()
    {
        var row = "TRows.RowOf(scan.Window, scan.Work.Sequences.Cast<long>(), thread.Piece)";
        return $"((place.Start / CheckpointSteps) + {row}) * {KernelText.Width(plan.States)}";
    }

    /// <summary>The condition that time is split, and what its piece then starts from; nothing where no kernels split time.</summary>
    public string IfSplit(Symbol state, int element) => isSplit
        ? $"isSplit ? {lanes.LoadState(KernelText.Row("pieceAt", element), plan.Cell.NextStates.Length, state.Index)} : "
        : "";

    /// <summary>Declares whether time is split, and where the states are that a piece then starts from.</summary>
    public void DeclarePieceAt(CodeWriter code)
    {
        if (isSplit)
            code.Line("var isSplit = scan.Work.States.Length != 0;").Line($"var pieceAt = (thread.Piece * StateWidth) + {OfSlice("channel")};");
    }

    /// <summary>Declares weights, what depends on weights alone, and biases.</summary>
    public void Parameters(CodeWriter code, StepFunction preparation, IReadOnlyCollection<Symbol> operands)
    {
        var hoists = operands.Any(operand => operand.Kind == SymbolKind.Hoisted);
        List<Symbol> weights = [.. operands.Where(operand => operand.Kind == SymbolKind.Weight).Union(hoists ? preparation.Operands : []).OrderBy(weight => weight.Index)];
        if (weights.Count > 0)
            code.Line("var weightAt = (scan.Window.BiasRows * Channels) + scan.Window.SharedBiases + channel;");
        if (IsSliced && weights.Any(weight => weight.IsIndexed))
            code.Line("var elementAt = weightAt + (firstElement * Channels);");
        foreach (var weight in weights)
        {
            foreach (var element in weight.IsIndexed ? Elements : [0])
            {
                var at = KernelText.Row(IsSliced && weight.IsIndexed ? "elementAt" : "weightAt", plan.FirstRow(weight) + element);
                code.Line($"var {Still(weight, element)} = {lanes.Load("Parameters", at)};");
            }
        }

        if (hoists)
            Prepare(code, preparation, operands);
        foreach (var projection in operands.Where(operand => plan.Bias && operand.Kind == SymbolKind.Projection))
            code.Line($"var {names.Bias(projection)} = scan.Window.BiasRows != 0 ? {lanes.Load("Parameters", KernelText.Row("channel", projection.Index))} : {lanes.Constant(0)};");
        if (plan.Bias && operands.Any(operand => operand.Kind == SymbolKind.Shared))
            code.Line("var sharedBiasAt = scan.Window.SharedBiases != 0 ? scan.Window.BiasRows * Channels : -1;");
    }

    /// <summary>Brings what some steps read into the group's memory; the group may read it when all of its threads have come here.</summary>
    private void Stage(CodeWriter code, ElementFunctions step)
    {
        code.Line($"var count = (int)IntrinsicMath.Min(Staging.Steps, end - start);");
        List<string> walked = [.. Walked(step)];
        if (walked.Count > 0)
            code.Line($"var startRow = {KernelText.RowOf(plan, "start")};");
        foreach (var matrix in walked)
            KernelText.Start(code, plan, matrix, "startRow");
        if (Sources(step).Count > 0 || step.Reads(SymbolKind.Shared))
        {
            // Where all steps are there, how many is a constant.
            using (code.Block("if (count == Staging.Steps)"))
                Stage(code, step, "Staging.Steps");
            using (code.Block("else"))
                Stage(code, step, "count");
        }

        code.Line("Group.Barrier();");
    }

    /// <summary>The calls that bring so many steps.</summary>
    private void Stage(CodeWriter code, ElementFunctions step, string count)
    {
        var (sources, types) = (Sources(step), plan.IsDouble ? "double, DoubleStorage, double" : "T, TStorage, float");
        for (var i = 0; i < sources.Count; i++)
        {
            var (view, matrix, row) = sources[i];
            code.Line($"Staging.Channels<{types}>(scan.{view}, {KernelText.Row(matrix + "At", row)}, {matrix}Step, {count}, thread, Slices, staged, {Literals.Int(i)}, {Literals.Int(sources.Count)});");
        }

        if (step.Reads(SymbolKind.Shared))
        {
            var first = plan.Projections == 0 ? "" : " + " + KernelText.Width(plan.Projections);
            code.Line($"Staging.Shared<{types}>(scan.Preactivations, (startRow * PreactivationWidth){first}, preactivationStep, {count}, Shared, scan.Parameters, {(plan.Bias ? "sharedBiasAt" : "-1")}, shared);");
        }
    }

    /// <summary>The loop over steps, some of which are staged at once.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="step">What is computed.</param>
    /// <param name="first">The first step.</param>
    /// <param name="isReversed">Whether the last comes first; <c>end</c> is the step after it.</param>
    /// <param name="write">Writes a step.</param>
    public void Steps(CodeWriter code, ElementFunctions step, string first, bool isReversed, Action write)
    {
        using (code.Block(isReversed
            ? $"for (var start = {LastStart(first, "end")}; start >= {first}; start -= Staging.Steps)"
            : $"for (var start = {first}; start < end; start += Staging.Steps)"))
        {
            Stage(code, step);
            using (code.Block(isReversed ? "for (var step = count - 1; step >= 0; step--)" : "for (var step = 0; step < count; step++)"))
                write();
            code.Line().Line("Group.Barrier();");
        }
    }

    /// <summary>
    /// Where the last of the steps that are staged at once begin; before the first step where there are no steps, as in an empty piece of
    /// time: what is masked goes down, where a quotient would go towards zero.
    /// </summary>
    public static string LastStart(string first, string end) => $"{first} + (({end} - {first} - 1) & -Staging.Steps)";

    /// <summary>At the head of a step: what its channel reads, and what its elements share.</summary>
    public void Channel(CodeWriter code, ElementFunctions step)
    {
        var sources = Sources(step).Count;
        if (sources > 0)
            code.Line($"var stagedAt = ((long)step * {(sources == 1 ? "" : Literals.Int(sources) + " * ")}Tiles.Lanes) + thread.Lane;");
        if (step.Reads(SymbolKind.Shared))
            code.Line($"var sharedAt = {OfSlice("(long)step * Shared", "firstElement")};");
        var row = 0;
        foreach (var load in step.ChannelLoads)
        {
            var value = Staged(row++);
            code.Line($"var {names.Operand(load)} = {(load.Kind == SymbolKind.Projection ? KernelText.Biased(plan, value, load, names) : value)};");
        }

        if (step.ReadsGradient)
            code.Line($"var stepGradient = Where(hasGradient, {Staged(row)});");
        if (step.Channel.Results.Count > 0)
            code.Line(step.Channel.Call(step.Channel.Results.Select(result => "var " + names.Operand(result.Target)), step.Channel.Operands.Select(operand => Operand(operand, 0))));
    }

    /// <summary>What an element's function takes.</summary>
    public string Operand(Symbol symbol, int element) => symbol.Kind switch
    {
        SymbolKind.State => Of(names.Operand(States.ElementAt(symbol.Index)), element),
        SymbolKind.Weight or SymbolKind.Hoisted => Still(symbol, element),
        SymbolKind.Shared => SharedElement(StateRow(symbol, element)),
        SymbolKind.StateGradient => Of(names.Gradient(States.ElementAt(symbol.Index)), element)
            + (symbol.Index == 0 && plan.Cell.Output is null ? " + stepGradient" : ""),
        SymbolKind.OutputGradient => "stepGradient",
        _ => names.Operand(symbol),
    };

    /// <summary>What elements add up to: in their thread, or of the parts that a channel's slices left.</summary>
    public void Sums(CodeWriter code, ElementFunctions step)
    {
        for (var i = 0; i < step.Schedule.Sums.Count; i++)
            code.Line($"var {names.Operand(step.Schedule.Sums[i])} = {(IsSliced ? $"GroupSums.OfSlices(parts, {PartsOf(i)}, Slices)" : InThread(step.Schedule.Sums[i]))};");
    }

    /// <summary>Leaves the thread's parts of these sums for the group.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="step">The step.</param>
    /// <param name="hasBuffers">Whether steps take two buffers in turn.</param>
    public void LeaveParts(CodeWriter code, ElementFunctions step, bool hasBuffers)
    {
        var count = step.Schedule.Sums.Count;
        code.Line($"var partAt = {(hasBuffers ? $"((long)buffer * {Literals.Int(count)} * Slices * Tiles.Lanes) + " : "")}thread.Lane;");
        for (var i = 0; i < count; i++)
            code.Line($"parts[{PartsOf(i)} + (thread.Slice * Tiles.Lanes)] = {InThread(step.Schedule.Sums[i])};");
    }

    /// <summary>The call of the function of the sums.</summary>
    public string After(ElementFunctions step, Func<Symbol, string> target) => step.After.Call(
        step.After.Results.Select(result => "var " + target(result.Target)), step.After.Operands.Select(operand => Operand(operand, 0)));

    /// <summary>A number of a step's transition.</summary>
    public string TransitionNumber(Symbol number, int element) => Of(names.Operand(number), element);

    /// <summary>What an element's function delivers that is no state.</summary>
    public string SumTarget(Symbol sum, int element) => "var " + Of(names.Operand(sum), element);

    private string InThread(Symbol sum) => KernelText.Balanced(element => Of(names.Operand(sum), element), 0, slices.Elements);

    private static string PartsOf(int i) => i == 0 ? "partAt" : $"partAt + ({Literals.Int(i)} * Slices * Tiles.Lanes)";

    /// <summary>Declares what the group shares.</summary>
    public void Share(CodeWriter code, IReadOnlyCollection<ElementFunctions> steps)
    {
        var rows = steps.Max(step => Sources(step).Count);
        if (rows > 0)
            Allocate(code, "staged", $"Staging.Steps * {(rows == 1 ? "" : Literals.Int(rows) + " * ")}Tiles.Lanes");
        if (steps.Any(step => step.Reads(SymbolKind.Shared)))
            Allocate(code, "shared", "Staging.Steps * Shared");
    }

    public void Allocate(CodeWriter code, string name, string count) => code.Line($"var {name} = SharedMemory.Allocate<{Scalar}>({count});");

    /// <summary>Declares how far apart two steps are in the matrices that steps read or write.</summary>
    public void Distances(CodeWriter code, IEnumerable<ElementFunctions> steps) =>
        KernelText.Walk(code, plan, [.. steps.SelectMany(Walked).Distinct()], startRow: null);

    public string OfSlice(string at, string slice = "(firstElement * Channels)") => IsSliced ? $"{at} + {slice}" : at;

    /// <summary>An element's name for what stays the same, of its own or of its channel.</summary>
    private string Still(Symbol symbol, int element) => symbol.IsIndexed ? Of(names.Operand(symbol), element) : names.Operand(symbol);

    private static string SharedElement(int row) => row == 0 ? "shared[sharedAt]" : $"shared[sharedAt + {Literals.Int(row)}]";

    private static string Staged(int row) => row switch
    {
        0 => "staged[stagedAt]",
        1 => "staged[stagedAt + Tiles.Lanes]",
        _ => $"staged[stagedAt + ({Literals.Int(row)} * Tiles.Lanes)]",
    };

    private void Prepare(CodeWriter code, StepFunction preparation, IReadOnlyCollection<Symbol> operands)
    {
        foreach (var element in Elements)
        {
            // What all elements share comes from the first.
            List<string> targets = [.. preparation.Results.Select(result =>
                operands.Contains(result.Target) && (element == 0 || result.Target.IsIndexed) ? "var " + Still(result.Target, element) : "_")];
            if (targets.Any(target => target != "_"))
                code.Line(preparation.Call(targets, preparation.Operands.Select(operand => Still(operand, element))));
        }
    }

    /// <summary>The views that steps read, each with its matrix and the row of it.</summary>
    private static List<(string View, string Matrix, int Row)> Sources(ElementFunctions step)
    {
        List<(string, string, int)> sources = [.. step.ChannelLoads.Select(load =>
            load.Kind == SymbolKind.Projection ? ("Preactivations", "preactivation", load.Index) : ("Input", "output", 0))];
        if (step.ReadsGradient)
            sources.Add(("OutputGradient", "output", 0));
        return sources;
    }

    private IEnumerable<string> Walked(ElementFunctions step)
    {
        var isBackward = step.Written == ElementFunctions.Kind.Gradients;
        if (step.Reads(SymbolKind.Projection) || step.Reads(SymbolKind.Shared) || (isBackward && plan.Projections > 0))
            yield return "preactivation";
        if (step.Written == ElementFunctions.Kind.Output || step.ReadsGradient || step.Reads(SymbolKind.Input) || (isBackward && plan.Cell.HasInput))
            yield return "output";
    }
}
