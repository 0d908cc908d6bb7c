using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>What the kernels of the adjoint have in common: their loads, their calls of the step's adjoint, and their sums.</summary>
internal sealed class AdjointText(LayerPlan plan, StepFunction step)
{
    /// <summary>The view that holds the states before a step.</summary>
    public string Saved => plan.Cell.KeepsStates ? "States" : "Output";

    public string SavedMatrix => plan.Cell.KeepsStates ? "states" : "output";

    public bool ReadsOutputGradient => plan.Cell.Output is null
        ? step.Loads(SymbolKind.StateGradient).Any(load => load.Index == 0)
        : step.Reads(SymbolKind.OutputGradient);

    /// <summary>Elements that a step loads.</summary>
    public int LoadCount =>
        step.Operands.Count(load => load.Kind is SymbolKind.State or SymbolKind.Projection or SymbolKind.Input) + (ReadsOutputGradient ? 1 : 0);

    /// <summary>The matrices that the kernels walk through.</summary>
    public IReadOnlyList<string> Walked
    {
        get
        {
            var walked = new List<string>();
            if (plan.Projections > 0)
                walked.Add("preactivation");
            if (plan.Cell.HasInput || ReadsOutputGradient || (step.Reads(SymbolKind.State) && !plan.Cell.KeepsStates))
                walked.Add("output");
            if (step.Reads(SymbolKind.State) && plan.Cell.KeepsStates)
                walked.Add("states");
            return walked;
        }
    }

    private IEnumerable<CellParameter> SummedWeights => plan.Cell.Weights.Where(weight => step.Returns(weight.Symbol));

    private IEnumerable<CellParameter> SummedBiases => plan.Bias ? plan.Cell.Projections : [];

    public void Flags(CodeWriter code)
    {
        if (plan.Projections > 0)
            code.Line("var writesPreactivations = scan.PreactivationGradient.Length != 0;");
        if (plan.Cell.HasInput)
            code.Line("var writesInput = scan.InputGradient.Length != 0;");
        if (ReadsOutputGradient)
            code.Line("var hasGradient = scan.HasOutputGradient != 0;");
    }

    /// <summary>What a step loads beside the states before it.</summary>
    public IEnumerable<RoundElement> Elements(KernelNames names)
    {
        foreach (var element in RoundElement.Inputs(step, names))
            yield return element;
        if (ReadsOutputGradient)
            yield return new("stepGradient", "stepGradientNext", "OutputGradient", "output");
    }

    /// <summary>The same of a step of a tile, with biases.</summary>
    /// <param name="lanes">The thread's channels.</param>
    /// <param name="names">The kernel's names.</param>
    /// <param name="number">The step of the thread.</param>
    /// <param name="steps">How far the step is from the thread's first.</param>
    public IEnumerable<(string Name, string Load)> Loads(LaneText lanes, KernelNames names, int number, string steps)
    {
        foreach (var load in step.Loads(SymbolKind.Projection))
            yield return (KernelNames.At(names.Operand(load), number), KernelText.Preactivation(plan, lanes, load, steps, names));
        foreach (var load in step.Loads(SymbolKind.Input))
            yield return (KernelNames.At(names.Operand(load), number), lanes.Load("Input", KernelText.At("output", steps)));
        if (ReadsOutputGradient)
            yield return (KernelNames.At("stepGradient", number), $"Where(hasGradient, {lanes.Load("OutputGradient", KernelText.At("output", steps))})");
    }

    /// <summary>The call of the step's adjoint, which replaces the carried gradients by those before the step.</summary>
    /// <param name="names">The kernel's names.</param>
    /// <param name="number">The step of the round.</param>
    /// <param name="isRaw">Whether elements are as they lie in memory: without biases, and the output's gradient whether it is there or not.</param>
    public string Call(KernelNames names, int? number, bool isRaw)
    {
        var gradient = KernelNames.At("stepGradient", number);
        if (isRaw)
            gradient = $"Where(hasGradient, {gradient})";
        var operands = step.Operands.Select(load => load.Kind switch
        {
            SymbolKind.Weight or SymbolKind.Hoisted => names.Operand(load),
            SymbolKind.StateGradient when load.Index == 0 && plan.Cell.Output is null =>
                $"{Carry(names, 0)} + {gradient}",
            SymbolKind.StateGradient => Carry(names, load.Index),
            SymbolKind.OutputGradient => gradient,
            SymbolKind.Projection when isRaw => KernelText.Biased(plan, KernelNames.At(names.Operand(load), number), load, names),
            _ => KernelNames.At(names.Operand(load), number),
        });
        var targets = step.Results.Select(result => result.Target.Kind == SymbolKind.State
            ? names.Gradient(result.Target)
            : "var " + KernelNames.At(names.Gradient(result.Target), number));
        return step.Call(targets, operands);
    }

    public void DeclareSums(CodeWriter code, LaneText lanes, KernelNames names)
    {
        foreach (var bias in SummedBiases)
            code.Line($"var {names.BiasSum(bias.Symbol)} = {lanes.Constant(0)};");
        foreach (var weight in SummedWeights)
            code.Line($"var {names.Sum(weight)} = {lanes.Constant(0)};");
    }

    public bool HasSums => plan.Weights > 0 || SummedBiases.Any();

    /// <summary>Adds the gradients of one step of a tile.</summary>
    public void AddSum(CodeWriter code, KernelNames names, int number)
    {
        foreach (var (sum, target) in Summed(names))
            code.Line($"{sum} += Where(count > {Literals.Int(number)}, {KernelNames.At(names.Gradient(target), number)});");
    }

    /// <summary>How many of the thread's steps of a tile store gradients.</summary>
    public void CountStores(CodeWriter code)
    {
        if (plan.Projections > 0)
            code.Line("var writtenPreactivations = writesPreactivations ? count : 0;");
        if (plan.Cell.HasInput)
            code.Line("var writtenInput = writesInput ? count : 0;");
    }

    /// <summary>Stores the gradients of a tile's steps.</summary>
    public void StoreTile(CodeWriter code, LaneText lanes, KernelNames names, int steps)
    {
        foreach (var (kind, count) in new[] { (SymbolKind.Projection, "writtenPreactivations"), (SymbolKind.Input, "writtenInput") })
        {
            if (Stored(kind).Any())
                TilePlace.Stores(code, count, steps, i => Stores(lanes, names, kind, KernelText.Steps(-i), i));
        }
    }

    /// <summary>Adds the gradients of a round, or of one step where it is 0.</summary>
    public void AddSums(CodeWriter code, KernelNames names, int round)
    {
        foreach (var (sum, target) in Summed(names))
        {
            // Summed on their own first, the steps of a round make the running sum a shorter one.
            code.Line($"{sum} += {(round == 0 ? Of(null) : KernelText.Balanced(i => Of(i), 0, round))};");

            string Of(int? number) => KernelNames.At(names.Gradient(target), number);
        }
    }

    /// <summary>Stores the gradients of some steps: each its distance from the current one and its number in the round.</summary>
    public void Stores(CodeWriter code, LaneText lanes, KernelNames names, IEnumerable<(int Distance, int? Number)> steps)
    {
        var all = steps.Select(item => (KernelText.Steps(item.Distance), item.Number)).ToList();
        Stores(code, lanes, names, "writesPreactivations", SymbolKind.Projection, all);
        Stores(code, lanes, names, "writesInput", SymbolKind.Input, all);
        code.Line();
    }

    /// <summary>Writes the sums of the thread's gradients as a row of the partial sums.</summary>
    public void StoreSums(CodeWriter code, LaneText lanes, KernelNames names, string condition, string piece)
    {
        if (!HasSums)
            return;
        code.Line();
        using (code.Block($"if ({condition})"))
        {
            code.Line($"var partialAt = ({piece} * (scan.Window.BiasRows + {Literals.Int(plan.Weights)}) * Channels) + channel;");
            if (SummedBiases.Any())
            {
                using (code.Block("if (scan.Window.BiasRows != 0)"))
                {
                    foreach (var bias in SummedBiases)
                        code.Line(lanes.StoreWork("ParameterPartials", KernelText.Row("partialAt", bias.Symbol.Index), names.BiasSum(bias.Symbol)));
                }
            }

            if (plan.Weights > 0)
            {
                code.Line();
                code.Line("partialAt += scan.Window.BiasRows * Channels;");
                foreach (var weight in plan.Cell.Weights)
                {
                    code.Line(lanes.StoreWork(
                        "ParameterPartials", KernelText.Row("partialAt", weight.Symbol.Index), step.Returns(weight.Symbol) ? names.Sum(weight) : lanes.Constant(0)));
                }
            }
        }
    }

    /// <summary>Sums each sum over the warps of the group.</summary>
    public void ReduceSums(CodeWriter code, KernelNames names)
    {
        foreach (var (sum, _) in Summed(names))
            code.Line($"{sum} = Tiles.Sum({sum});");
    }

    /// <summary>The local that carries the gradient of a state.</summary>
    public string Carry(KernelNames names, int state) => names.Gradient(plan.Cell.States.ElementAt(state).Symbol);

    private void Stores(
        CodeWriter code, LaneText lanes, KernelNames names, string condition, SymbolKind kind, List<(string Distance, int? Number)> steps)
    {
        if (!Stored(kind).Any())
            return;
        using (code.Block($"if ({condition})"))
        {
            foreach (var store in steps.SelectMany(step => Stores(lanes, names, kind, step.Distance, step.Number)))
                code.Line(store);
        }
    }

    private IEnumerable<CellParameter> Stored(SymbolKind kind) => plan.Cell.Parameters.Where(parameter => parameter.Symbol.Kind == kind);

    private IEnumerable<string> Stores(LaneText lanes, KernelNames names, SymbolKind kind, string distance, int? number)
    {
        var (view, matrix) = kind == SymbolKind.Input ? ("InputGradient", "output") : ("PreactivationGradient", "preactivation");
        return Stored(kind).Select(target =>
            lanes.Store(view, KernelText.At(matrix, distance, target.Symbol.Index), KernelNames.At(names.Gradient(target.Symbol), number)));
    }

    private IEnumerable<(string Sum, Symbol Target)> Summed(KernelNames names) =>
        SummedBiases.Select(bias => (names.BiasSum(bias.Symbol), bias.Symbol))
            .Concat(SummedWeights.Select(weight => (names.Sum(weight), weight.Symbol)));
}
