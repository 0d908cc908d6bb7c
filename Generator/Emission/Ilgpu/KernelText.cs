using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>What the kernels have in common: how they are declared, how they find their place, and how they reach elements.</summary>
internal static class KernelText
{
    /// <summary>The most steps that any kernel unrolls.</summary>
    public const int MostSteps = 32;

    /// <summary>The most steps of a round of a streaming kernel.</summary>
    private const int MostOfRound = 8;

    /// <summary>Numbers that a thread may have under way: half of its registers remain for the arithmetic.</summary>
    private const int NumbersUnderWay = 64;

    public static string Scalar(LayerPlan plan) => plan.IsDouble ? "double" : "float";

    /// <summary>The types of a kernel.</summary>
    public static string Types(LayerPlan plan) => plan.IsDouble ? "TRows" : "T, TStorage, TRows";

    /// <summary>Steps of a round of a streaming kernel.</summary>
    public static int Unroll(LaneText lanes, int loads)
    {
        var steps = MostOfRound;
        while (steps > 2 && steps * loads * lanes.Count > NumbersUnderWay)
            steps /= 2;
        return steps;
    }

    /// <summary>The head of a kernel; of what kernels do with the tiles that a walk gives them, where there is one.</summary>
    public static void Signature(CodeWriter code, LayerPlan plan, string name, bool isBackward, string? walkOver = null)
    {
        var real = Scalar(plan);
        var element = plan.IsDouble ? real : "T";
        var types = Types(plan) + (walkOver is null ? "" : ", TWalk");
        var arguments = isBackward ? "BackwardArguments" : "ForwardArguments";
        if (walkOver is not null)
            code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        var (access, range) = walkOver is null ? ("public", "") : ("private", ", ref TileRange range");
        code.Line($"{access} static void {name}<{types}>({arguments}<ArrayView<{element}>, ArrayView<{real}>> scan{range})");
        if (!plan.IsDouble)
            code.Line("    where T : unmanaged").Line("    where TStorage : struct, IQuadStorage<T>");
        code.Line("    where TRows : struct, IScanRows");
        if (walkOver is not null)
            code.Line($"    where TWalk : struct, ITileWalk<{walkOver}, {real}>");
    }

    /// <summary>Elements of a row of several channels' rows.</summary>
    public static string Width(int rows) => rows == 1 ? "Channels" : $"({Literals.Int(rows)} * Channels)";

    /// <summary>The row of memory at which a step stands.</summary>
    public static string RowOf(LayerPlan plan, string step, string? further = null)
    {
        var ahead = $"place.Start + {step}{(further is null ? "" : " + " + further)}";
        var back = $"place.Start + place.Time - 1 - {step}{(further is null ? "" : " - " + further)}";
        return plan.Direction switch
        {
            Direction.Forward => ahead,
            Direction.Reverse => back,
            _ => $"scan.Window.Direction > 0 ? {ahead} : {back}",
        };
    }

    /// <summary>Declares where the thread's elements of each matrix start and how far apart those of two steps are.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="plan">The layer.</param>
    /// <param name="matrices">The matrices that it walks through.</param>
    /// <param name="startRow">Where it starts; null to declare the distances alone.</param>
    public static void Walk(CodeWriter code, LayerPlan plan, IReadOnlyCollection<string> matrices, string? startRow = "startRow")
    {
        foreach (var matrix in matrices)
        {
            var width = WidthOf(plan, matrix);
            code.Line(plan.Direction switch
            {
                Direction.Forward => $"const long {matrix}Step = {width.Trim('(', ')')};",
                Direction.Reverse => $"const long {matrix}Step = -{width};",
                _ => $"var {matrix}Step = scan.Window.Direction * {width};",
            });
            if (startRow is not null)
                Start(code, plan, matrix, startRow);
        }
    }

    /// <summary>Declares where the thread's elements of a matrix start.</summary>
    public static void Start(CodeWriter code, LayerPlan plan, string matrix, string startRow) =>
        code.Line($"var {matrix}At = ({startRow} * {WidthOf(plan, matrix)}) + channel;");

    /// <summary>An element of a matrix that is walked, some steps away and some channels' rows down.</summary>
    public static string At(string matrix, string steps, int row = 0)
    {
        var at = matrix + "At" + steps switch
        {
            "" => "",
            _ when steps.StartsWith("-", System.StringComparison.Ordinal) => $" - {Distance(steps.Substring(1))}",
            _ => $" + {Distance(steps)}",
        };
        return Row(at, row);

        string Distance(string count) => count == "1" ? matrix + "Step" : $"({count} * {matrix}Step)";
    }

    /// <summary>A number of steps from the current one, as <see cref="At"/> takes it.</summary>
    public static string Steps(int steps) => steps == 0 ? "" : Literals.Int(steps);

    /// <summary>An element of a [B, S, H] view, at the thread's row and channel.</summary>
    public static string StateAt(int state) => Row("stateAt", state);

    /// <summary>Some channels' rows further.</summary>
    public static string Row(string at, int row) => row switch
    {
        0 => at,
        1 => at + " + Channels",
        _ => $"{at} + ({Literals.Int(row)} * Channels)",
    };

    public static void DeclareStateAt(CodeWriter code, LayerPlan plan) =>
        code.Line($"var stateAt = (place.State * {Width(plan.States)}) + channel;");

    /// <summary>The state before a row's first step: the view's, or the cell's constant.</summary>
    public static string InitialState(LayerPlan plan, LaneText lanes, int state) =>
        $"TRows.TakesState(place) && scan.InitialState.Length != 0 ? {lanes.Load("InitialState", StateAt(state * plan.StateSize))} : {lanes.Constant(plan.Cell.States.ElementAt(state).Initial ?? 0)}";

    /// <summary>The gradient of the state before a row's first step: none where the row starts from the cell's constants.</summary>
    public static string IfTaken(LaneText lanes, string gradient) => $"TRows.TakesState(place) ? {gradient} : {lanes.Constant(0)}";

    /// <summary>The gradient of the state after a row's last step.</summary>
    public static string FinalGradient(LayerPlan plan, LaneText lanes, int state) =>
        $"TRows.GivesState(place) && scan.FinalStateGradient.Length != 0 ? {lanes.Load("FinalStateGradient", StateAt(state * plan.StateSize))} : {lanes.Constant(0)}";

    /// <summary>Declares the weights that a step reads and what depends on weights alone, and the biases of its projections.</summary>
    public static void Parameters(
        CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction hoist, IReadOnlyCollection<Symbol> operands, KernelNames names)
    {
        var hoists = operands.Any(operand => operand.Kind == SymbolKind.Hoisted);
        var weights = operands.Where(operand => operand.Kind == SymbolKind.Weight).Union(hoists ? hoist.Operands : []);
        foreach (var weight in weights.OrderBy(weight => weight.Index))
        {
            var row = weight.Index == 0 ? "scan.Window.BiasRows" : $"(scan.Window.BiasRows + {Literals.Int(weight.Index)})";
            code.Line($"var {names.Operand(weight)} = {lanes.Load("Parameters", $"({row} * Channels) + channel")};");
        }

        if (hoists)
        {
            var targets = hoist.Results.Select(result => operands.Contains(result.Target) ? "var " + names.Operand(result.Target) : "_");
            code.Line(hoist.Call(targets, hoist.Operands.Select(names.Operand)));
        }

        if (!plan.Bias)
            return;
        foreach (var projection in operands.Where(operand => operand.Kind == SymbolKind.Projection))
        {
            code.Line($"var {names.Bias(projection)} = scan.Window.BiasRows != 0 ? {lanes.Load("Parameters", Row("channel", projection.Index))} : {lanes.Constant(0)};");
        }
    }

    /// <summary>A pre-activation, with its bias.</summary>
    public static string Preactivation(LayerPlan plan, LaneText lanes, Symbol projection, string steps, KernelNames names) =>
        Biased(plan, Element(lanes, projection, steps), projection, names);

    /// <summary>An element of the pre-activations, as it lies in memory.</summary>
    private static string Element(LaneText lanes, Symbol projection, string steps) =>
        lanes.Load("Preactivations", At("preactivation", steps, projection.Index));

    /// <summary>An element of the pre-activations and its bias.</summary>
    public static string Biased(LayerPlan plan, string element, Symbol projection, KernelNames names) =>
        element + (plan.Bias ? " + " + names.Bias(projection) : "");

    /// <summary>Moves every walked matrix by some steps.</summary>
    public static void Advance(CodeWriter code, IEnumerable<string> matrices, int steps)
    {
        foreach (var matrix in matrices)
        {
            var by = steps is 1 or -1 ? $"{matrix}Step" : $"{Literals.Int(steps < 0 ? -steps : steps)} * {matrix}Step";
            code.Line($"{matrix}At {(steps < 0 ? "-" : "+")}= {by};");
        }
    }

    /// <summary>The sum of numbered terms, in halves: shorter chains of additions, and fewer numbers in each.</summary>
    public static string Balanced(System.Func<int, string> term, int first, int count)
    {
        return count == 1 ? term(first) : $"{Side(first, count / 2)} + {Side(first + (count / 2), count - (count / 2))}";

        string Side(int first, int count) => count == 1 ? term(first) : $"({Balanced(term, first, count)})";
    }

    /// <summary>Elements of a matrix's row; one of pre-activations may have some that all channels share.</summary>
    private static string WidthOf(LayerPlan plan, string matrix) => matrix switch
    {
        "preactivation" => plan.Shared > 0 ? "PreactivationWidth" : Width(plan.Projections),
        "states" => Width(plan.States),
        _ => Width(1),
    };
}
