using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The backward kernel: a thread walks one channel's steps last first, recomputes each from its pre-activations and the states
/// before it, and carries the gradients of the states and of the weights in registers.
/// </summary>
internal static class GpuBackwardKernel
{
    public static IEnumerable<string> Parameters(LayerPlan plan, KernelNames names)
    {
        var view = KernelText.View(plan);
        yield return $"{view} preactivations";
        foreach (var weight in plan.Cell.Weights)
            yield return $"{view} {names.View(weight)}";
        if (plan.Cell.HasInput)
            yield return $"{view} input";
        yield return $"{view} initialState";
        yield return $"{view} {Saved(plan)}";
        yield return $"{view} outputGradient";
        yield return $"{view} finalStateGradient";
        yield return $"{view} preactivationGradient";
        foreach (var weight in plan.Cell.Weights)
            yield return $"{view} {names.Partials(weight)}";
        if (plan.Cell.HasInput)
            yield return $"{view} inputGradient";
        yield return $"{view} initialStateGradient";
        yield return "long gradientStride";
        yield return "long batch";
        yield return "long time";
        if (plan.Direction == Direction.Bidirectional)
            yield return "long direction";
    }

    public static void Write(CodeWriter code, LayerPlan plan, StepFunction step)
    {
        var names = new KernelNames();
        code.Line("/// <summary>The adjoint of the same steps, last first; the gradients of states and weights stay in registers.</summary>");
        using (code.Block(KernelText.Signature("Backward", Parameters(plan, names))))
        {
            var walked = Walked(plan, step).ToList();
            KernelText.Place(code, plan, isBackward: true, walked);
            Gradients(code, plan);
            code.Line();
            KernelText.Weights(code, plan, step, names);
            foreach (var state in plan.Cell.States)
            {
                code.Line($"var {Carry(names, state.Symbol)} = finalStateGradient.Length == 0 ? {Zero(plan)} : finalStateGradient[{KernelText.StateAt(plan, state.Symbol.Index)}];");
            }

            foreach (var weight in SummedWeights(plan, step))
                code.Line($"var {names.Sum(weight)} = {Zero(plan)};");
            Loop(code, plan, step, names, walked);
            foreach (var weight in plan.Cell.Weights)
            {
                using (code.Block($"if ({names.Partials(weight)}.Length != 0)"))
                    code.Line($"{names.Partials(weight)}[thread] = {(step.Returns(weight.Symbol) ? names.Sum(weight) : Zero(plan))};");
                code.Line();
            }

            using (code.Block("if (initialStateGradient.Length != 0)"))
            {
                foreach (var state in plan.Cell.States)
                    code.Line($"initialStateGradient[{KernelText.StateAt(plan, state.Symbol.Index)}] = {Carry(names, state.Symbol)};");
            }
        }
    }

    private static void Loop(CodeWriter code, LayerPlan plan, StepFunction step, KernelNames names, List<string> walked)
    {
        code.Line().Line("var step = time - 1;");
        using (code.Block($"for (; step >= {KernelText.Unroll}; step -= {KernelText.Unroll})"))
        {
            code.Line("// All loads of the round stand before its stores: they are under way at once.");
            for (var i = 0; i < KernelText.Unroll; i++)
                Loads(code, plan, step, names, i);
            code.Line();
            for (var i = 0; i < KernelText.Unroll; i++)
                code.Line(Call(plan, step, names, i));
            Sums(code, plan, step, names, isRound: true);
            code.Line();
            Stores(code, plan, names, "preactivationGradient", "writesPreactivations", SymbolKind.Projection, Enumerable.Range(0, KernelText.Unroll).Cast<int?>());
            Stores(code, plan, names, "inputGradient", "writesInput", SymbolKind.Input, Enumerable.Range(0, KernelText.Unroll).Cast<int?>());
            KernelText.Advance(code, walked, -KernelText.Unroll);
        }

        code.Line();
        using (code.Block("for (; step >= 0; step--)"))
        {
            Loads(code, plan, step, names, null);
            code.Line(Call(plan, step, names, null));
            Sums(code, plan, step, names, isRound: false);
            code.Line();
            Stores(code, plan, names, "preactivationGradient", "writesPreactivations", SymbolKind.Projection, [null]);
            Stores(code, plan, names, "inputGradient", "writesInput", SymbolKind.Input, [null]);
            KernelText.Advance(code, walked, -1);
        }

        code.Line();
    }

    /// <summary>The gradient of the output has a stride of its own, 0 where one row of zeros serves every step.</summary>
    private static void Gradients(CodeWriter code, LayerPlan plan)
    {
        code.Line(plan.Direction switch
        {
            Direction.Forward => "var gradientStep = gradientStride;",
            Direction.Reverse => "var gradientStep = -gradientStride;",
            _ => "var gradientStep = direction * gradientStride;",
        });
        code.Line("var gradientAt = (startRow * gradientStride) + channel;");
        if (plan.Projections > 0)
            code.Line("var writesPreactivations = preactivationGradient.Length != 0;");
        if (plan.Cell.HasInput)
            code.Line("var writesInput = inputGradient.Length != 0;");
    }

    private static void Loads(CodeWriter code, LayerPlan plan, StepFunction step, KernelNames names, int? number)
    {
        var back = -(number ?? 0);
        foreach (var load in step.Loads(SymbolKind.State))
        {
            var state = load.Index;
            var before = $"{Saved(plan)}[{KernelText.At(plan.Cell.KeepsStates ? "states" : "output", back - 1, state)}]";
            code.Line(number is null
                ? $"var {names.Operand(load)} = step > 0 ? {before} : {KernelText.InitialState(plan, state)};"
                : $"var {KernelNames.At(names.Operand(load), number)} = {before};");
        }

        foreach (var load in step.Loads(SymbolKind.Projection))
            code.Line($"var {KernelNames.At(names.Operand(load), number)} = preactivations[{KernelText.At("preactivation", back, load.Index)}];");
        foreach (var load in step.Loads(SymbolKind.Input))
            code.Line($"var {KernelNames.At(names.Operand(load), number)} = input[{KernelText.At("output", back)}];");
        if (ReadsOutputGradient(plan, step))
            code.Line($"var {KernelNames.At("stepGradient", number)} = outputGradient[{KernelText.At("gradient", back)}];");
    }

    private static string Call(LayerPlan plan, StepFunction step, KernelNames names, int? number)
    {
        var operands = step.Operands.Select(load => load.Kind switch
        {
            SymbolKind.Weight => names.Operand(load),
            SymbolKind.StateGradient when load.Index == 0 && plan.Cell.Output is null =>
                $"{Carry(names, plan.Cell.States.First().Symbol)} + {KernelNames.At("stepGradient", number)}",
            SymbolKind.StateGradient => Carry(names, plan.Cell.States.ElementAt(load.Index).Symbol),
            SymbolKind.OutputGradient => KernelNames.At("stepGradient", number),
            _ => KernelNames.At(names.Operand(load), number),
        });
        var targets = step.Results.Select(result => result.Target.Kind == SymbolKind.State
            ? Carry(names, result.Target)
            : "var " + KernelNames.At(names.Gradient(result.Target), number));
        return step.Call(targets, operands);
    }

    private static void Sums(CodeWriter code, LayerPlan plan, StepFunction step, KernelNames names, bool isRound)
    {
        // Summed on their own first, the steps of a round make the running sum a shorter one.
        foreach (var weight in SummedWeights(plan, step))
        {
            string Of(int? number) => KernelNames.At(names.Gradient(weight.Symbol), number);
            code.Line(isRound
                ? $"{names.Sum(weight)} += ({Of(0)} + {Of(1)}) + ({Of(2)} + {Of(3)});"
                : $"{names.Sum(weight)} += {Of(null)};");
        }
    }

    private static void Stores(
        CodeWriter code, LayerPlan plan, KernelNames names, string view, string condition, SymbolKind kind, IEnumerable<int?> numbers)
    {
        var targets = plan.Cell.Parameters.Where(parameter => parameter.Symbol.Kind == kind).ToList();
        if (targets.Count == 0)
            return;
        using (code.Block($"if ({condition})"))
        {
            foreach (var number in numbers)
            {
                foreach (var target in targets)
                {
                    var at = KernelText.At(kind == SymbolKind.Input ? "output" : "preactivation", -(number ?? 0), target.Symbol.Index);
                    code.Line($"{view}[{at}] = {KernelNames.At(names.Gradient(target.Symbol), number)};");
                }
            }
        }

        code.Line();
    }

    private static IEnumerable<string> Walked(LayerPlan plan, StepFunction step)
    {
        var readsStates = step.Reads(SymbolKind.State);
        if (plan.Projections > 0)
            yield return "preactivation";
        if (plan.Cell.HasInput || (readsStates && !plan.Cell.KeepsStates))
            yield return "output";
        if (readsStates && plan.Cell.KeepsStates)
            yield return "states";
        yield return "gradient";
    }

    private static string Saved(LayerPlan plan) => plan.Cell.KeepsStates ? "states" : "output";

    private static IEnumerable<CellParameter> SummedWeights(LayerPlan plan, StepFunction step) =>
        plan.Cell.Weights.Where(weight => step.Returns(weight.Symbol));

    private static string Zero(LayerPlan plan) => new ScalarDialect(plan.IsDouble).Number(0);

    private static bool ReadsOutputGradient(LayerPlan plan, StepFunction step) => plan.Cell.Output is null
        ? step.Loads(SymbolKind.StateGradient).Any(load => load.Index == 0)
        : step.Reads(SymbolKind.OutputGradient);

    /// <summary>The local that carries the gradient of a state.</summary>
    private static string Carry(KernelNames names, Symbol state) => names.Gradient(state);
}
