using System;
using System.Linq;
using MinRnn.Generator.Emission.Cpu;
using MinRnn.Generator.Emission.Ilgpu.VectorStates;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The class of a layer's kernels. Kernels are static methods of one parameter, with the storage of the layer's elements as a
/// type; the class tells the runtime which there are.
/// </summary>
internal static class GpuKernels
{
    /// <summary>States past which the matrices of a transition no longer fit the registers.</summary>
    public const int MostStates = 4;

    /// <summary>Threads of a group that shares tiles, and the memory that they share on every device.</summary>
    private const int TileThreads = 256, SharedBytes = 48 << 10;

    /// <summary>Transitions that a thread of a chained tile keeps: its own, and four of tiles that it watches.</summary>
    private const int ChainedTransitions = 5;

    public static void Write(CodeWriter code, LayerPlan plan)
    {
        Formula.Write(code, plan);
        var shape = CpuKernelEmitter.Shape(plan).Replace("\n", "\n    ");
        code.Line($"file sealed class {GpuLayerEmitter.KernelClass(plan)}() : {(plan.IsDouble ? $"DoubleLayerKernels({shape})" : $"SingleLayerKernels(\n    {shape})")}");
        using (code.Body())
        {
            code.Line($"private const int Channels = {Literals.Int(plan.HiddenSize)};").Line();
            if (plan.Slices is { } slices)
                VectorKernels.Write(code, plan, slices);
            else
                Members(code, plan);
        }
    }

    private static void Members(CodeWriter code, LayerPlan plan)
    {
        var quad = LaneText.Quad(plan);
        var hoisting = new Hoisting();
        var (forward, backward) = (StepFunction.Forward(plan, hoisting), StepFunction.Backward(plan, hoisting));
        var split = plan.Kernels.IsTimeParallel && Fits(plan) ? new TimeSplit(plan, forward, backward, hoisting) : null;
        var hoist = StepFunction.Hoist(hoisting);
        if (split is not null)
            code.Line("private const int Strips = (Channels + Tiles.Lanes - 1) / Tiles.Lanes;").Line();
        var types = $"<{KernelText.Types(plan)}>";
        Table(code, plan, quad is null ? "null" : $"new(ForwardWide{types}, BackwardWide{types})", split is null ? "null);" : "new(");
        split?.WriteTable(code);
        foreach (var lanes in new[] { LaneText.Single(plan), quad }.OfType<LaneText>())
        {
            StreamForward.Write(code.Line(), plan, lanes, forward, hoist);
            StreamBackward.Write(code.Line(), plan, lanes, backward, hoist);
        }

        split?.WriteKernels(code.Line(), hoist);
        foreach (var function in new[] { hoist, forward, backward }.Where(function => function.Results.Count > 0))
        {
            function.Write(code.Line(), plan);
            if (quad is not null)
                function.WriteWide(code.Line());
        }

        split?.WriteTransitions(code.Line());
    }

    /// <summary>The method that tells the runtime which kernels there are.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="plan">The layer.</param>
    /// <param name="wide">The kernels of four channels a thread.</param>
    /// <param name="rest">The kernels that split time, and what follows.</param>
    public static void Table(CodeWriter code, LayerPlan plan, string wide, string rest)
    {
        var real = KernelText.Scalar(plan);
        var element = plan.IsDouble ? real : "T";
        var types = $"<{KernelText.Types(plan)}>";
        code.Line($"protected override KernelTable<ForwardArguments<ArrayView<{element}>, ArrayView<{real}>>, BackwardArguments<ArrayView<{element}>, ArrayView<{real}>>> Table{types}() => new(");
        code.Line($"    Forward{types},").Line($"    Backward{types},");
        code.Line($"    Wide: {wide},").Line($"    TimeParallel: {rest}");
    }

    /// <summary>Whether a group that shares tiles holds a transition a thread, and its sums of gradients.</summary>
    private static bool Fits(LayerPlan plan) => plan.States <= MostStates && FitsShared(plan, Transition(plan));

    /// <summary>Whether it also holds what a chained tile reads of others.</summary>
    public static bool FitsChain(LayerPlan plan) => FitsShared(plan, (ChainedTransitions * Transition(plan)) + plan.States + 1);

    private static int Transition(LayerPlan plan) => plan.States * (plan.States + 1);

    // A number is left for what is small.
    private static bool FitsShared(LayerPlan plan, int numbers) =>
        (numbers + plan.BiasRows + plan.Weights + 1) * TileThreads * (plan.IsDouble ? sizeof(double) : sizeof(float)) <= SharedBytes;
}

/// <summary>The kernels that split time, of a layer whose steps compose.</summary>
internal sealed class TimeSplit
{
    private readonly LayerPlan plan;
    private readonly StepFunction forwardStep, backwardStep;
    private readonly TransitionPair transitions;
    private readonly int forwardSteps, backwardSteps;
    private readonly bool isChained;

    public TimeSplit(LayerPlan plan, StepFunction forwardStep, StepFunction backwardStep, Hoisting hoisting)
    {
        this.plan = plan;
        (this.forwardStep, this.backwardStep) = (forwardStep, backwardStep);
        transitions = TransitionPair.Of(plan.Kernels.ForwardTransition(hoisting), plan.Kernels.BackwardTransition(hoisting), plan.IsDouble);
        isChained = GpuKernels.FitsChain(plan);

        // Where the transition is the whole step, it takes the place of what the step loaded.
        var loads = forwardStep.Operands.Count(load => load.Kind is SymbolKind.Projection or SymbolKind.Input);
        forwardSteps = TilePlace.StepsOf(plan.Cell.KeepsStates ? loads : Math.Max(loads, transitions.Forward.Transition.Elements.Length));
        backwardSteps = TilePlace.StepsOf(new AdjointText(plan, backwardStep).LoadCount);
    }

    public void WriteTable(CodeWriter code)
    {
        var list = $"<{KernelText.Types(plan)}>";
        code.Line(
            $"""
                    SummarizeForward{list},
                    SummarizeBackward{list},
                    CarryForward{list},
                    CarryBackward{list},
                    TransitionSize: {Literals.Int(transitions.Size)},
                    Tiled: new(
                        ForwardTiled{list},
                        BackwardTiled{list},
                        {(isChained ? $"ForwardChained{list}" : "null")},
                        {(isChained ? $"BackwardChained{list}" : "null")},
                        ForwardSteps: {Literals.Int(forwardSteps)},
                        BackwardSteps: {Literals.Int(backwardSteps)})));
            """);
    }

    public void WriteKernels(CodeWriter code, StepFunction hoist)
    {
        var (forward, backward) = transitions;
        ChunkKernels.Summarize(code, plan, forward, hoist, isBackward: false);
        ChunkKernels.Summarize(code.Line(), plan, backward, hoist, isBackward: true);
        ChunkKernels.Carry(code.Line(), plan, forward, isBackward: false);
        ChunkKernels.Carry(code.Line(), plan, backward, isBackward: true);
        TileKernels.Write(code.Line(), plan, forward, isBackward: false, isChained);
        TileKernels.Write(code, plan, backward, isBackward: true, isChained);
        TiledForward.Write(code, plan, forwardStep, forward, hoist, forwardSteps);
        TiledBackward.Write(code.Line(), plan, backwardStep, backward, hoist, backwardSteps);
    }

    public void WriteTransitions(CodeWriter code)
    {
        transitions.Forward.WriteFunction(code, TransitionPair.OfStep);
        code.Line();
        transitions.Backward.WriteFunction(code, TransitionPair.OfAdjoint);
        code.Line();
        transitions.WriteStructures(code);
    }
}
