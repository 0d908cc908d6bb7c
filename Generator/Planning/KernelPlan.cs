using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// What every backend emits from: the cell, the schedules of one step and of its adjoint, and what they cost. Backward
/// recomputes a step's values from the saved pre-activations and the states before the step; nothing else is kept.
/// </summary>
internal sealed record KernelPlan(Cell Cell, TimeParallelism TimeParallel, StepAdjoint Adjoint, TrafficBudget Budget)
{
    /// <summary>Identifiers that kernels of every backend use beside the user's names.</summary>
    public static readonly string[] Reserved =
    [
        "block", "lanes", "step", "row", "channel", "preactivations", "parameters", "inputs", "state", "states", "previous",
        "output", "outputRow", "inputGradients", "preactivationGradient", "parameterGradient", "stateGradient",
        "outputGradientRow", "initialState", "finalState", "index", "batch", "time", "end", "offset", "Channels", "Lanes",
        "TLanes", "Vector", "Buffers", "hoisted", "scratch", "width", "transition", "remembered", "Fade", "carry", "first", "savesStates", "preactivationsAhead", "inputsAhead", "previousAhead",
        "outputGradientRowAhead", "MultiplyAdd", "SigmoidPair", "SoftplusPair", "TanhPair", Lowering.ExpOfNegative.Spelling, Lowering.Exp2OfNegative.Spelling,
        .. Operators.All.Where(op => op.Notation == Notation.Call && op.Spelling.Length > 0).Select(op => op.Spelling),
    ];

    public static KernelPlan Make(Cell source)
    {
        var cell = Simplifier.Run(source);
        return new KernelPlan(cell, TimeParallelism.Prove(cell), Differentiation.Adjoint.Differentiate(cell), TrafficBudget.Of(cell, StepsBetweenCheckpoints(cell)));
    }

    public Affinity Affinity => TimeParallel.Affinity;

    /// <summary>
    /// Whether every backend may cut time into spans that run in parallel. A CPU sums up no spans of vectors whose adjoint takes the states
    /// themselves, for it would have to recompute them.
    /// </summary>
    public bool IsTimeParallel => TimeParallel.Holds && !(Cell.IsVector && AdjointTakesStates);

    private bool AdjointTakesStates => Adjoint.Parameters.Where(entry => entry.Parameter.Symbol.Kind == SymbolKind.State)
        .Select(entry => entry.Gradient).Reachable().Any(node => node.Symbol is { Kind: SymbolKind.State });

    /// <summary>
    /// Steps from one kept set of states to the next: backward recomputes those between. A state of every step costs more than
    /// its recomputation where a channel has many, and this many steps make the kept ones about as many as the outputs. 1 where
    /// every step's are kept.
    /// </summary>
    public int CheckpointSteps => StepsBetweenCheckpoints(Cell);

    /// <summary>One step: the next states, and the output where it is not the first of them.</summary>
    /// <param name="hoisting">Takes what the kernel computes before the first step.</param>
    public Schedule Forward(Hoisting hoisting)
    {
        var lower = Lowering.Into(new GraphBuilder(), Cell);
        var results = NextStates(Cell, lower);
        if (Cell.Output is not null)
            results.Add((OutputSymbol, lower(Cell.Output)));

        // A next state is stored more than once: as the state, and as output or saved state.
        return Schedule.Build(hoisting.Replace(results), NextNames(Cell), Reserved);
    }

    /// <summary>The adjoint of one step: the gradient of every parameter.</summary>
    /// <param name="hoisting">As in <see cref="Forward"/>.</param>
    public Schedule Backward(Hoisting hoisting)
    {
        var lower = Lowering.Into(new GraphBuilder(), Cell);
        var results = Adjoint.Parameters.Select(entry => (entry.Parameter.Symbol, lower(entry.Gradient))).ToList();

        // A projection's gradient is stored, and summed into its bias's.
        var named = Cell.Projections.ToDictionary(projection => projection.Symbol, projection => projection.Name + "Gradient");
        return Schedule.Build(hoisting.Replace(results), named, Reserved);
    }

    /// <summary>One step, which is affine, as a transition of the states.</summary>
    /// <param name="hoisting">As in <see cref="Forward"/>.</param>
    public TransitionPlan ForwardTransition(Hoisting hoisting) => Transition(TransitionPlan.OfStep(Cell, Affinity), hoisting);

    /// <summary>The adjoint of such a step as a transition of the states' gradients.</summary>
    /// <param name="hoisting">As in <see cref="Forward"/>.</param>
    public TransitionPlan BackwardTransition(Hoisting hoisting) => Transition(TransitionPlan.OfAdjoint(Cell, Affinity, Adjoint), hoisting);

    /// <summary>The next states, each for its state.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="lower">The way to the graph of a kernel.</param>
    public static List<(Symbol Target, Expr Value)> NextStates(Cell cell, Func<Expr, Expr> lower) =>
        [.. cell.NextStates.Select((next, i) => (cell.States.ElementAt(i).Symbol, lower(next)))];

    /// <summary>What kernels call the next states.</summary>
    public static Dictionary<Symbol, string> NextNames(Cell cell) => cell.States.ToDictionary(state => state.Symbol, state => Cell.NextName(state.Name));

    /// <summary>What <see cref="Forward"/> delivers a cell's <c>Output</c> as.</summary>
    public static Symbol OutputSymbol { get; } = new(SymbolKind.OutputGradient, 0, "output");

    private TransitionPlan Transition(ImmutableArray<TransitionElement> elements, Hoisting hoisting) => TransitionPlan.Of(
        Cell, Schedule.Build(hoisting.Replace(TransitionPlan.Results(Cell, elements)), new Dictionary<Symbol, string>(), Reserved), elements);

    private static int StepsBetweenCheckpoints(Cell cell) => cell.IsVector ? Math.Min(Math.Max(cell.NextStates.Length * cell.StateSize, 8), 32) : 1;

    public static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
}
