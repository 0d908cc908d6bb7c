using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The forward kernel: a thread carries one channel's states in registers through time.</summary>
internal static class GpuForwardKernel
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
        yield return $"{view} output";
        if (plan.Cell.KeepsStates)
            yield return $"{view} states";
        yield return $"{view} finalState";
        yield return "long batch";
        yield return "long time";
        if (plan.Direction == Direction.Bidirectional)
            yield return "long direction";
    }

    public static void Write(CodeWriter code, LayerPlan plan, StepFunction step)
    {
        var names = new KernelNames();
        code.Line("/// <summary>All steps of a channel of a row, one thread each; its states stay in registers.</summary>");
        using (code.Block(KernelText.Signature("Forward", Parameters(plan, names))))
        {
            var walked = Walked(plan, step).ToList();
            KernelText.Place(code, plan, isBackward: false, walked);
            code.Line();
            KernelText.Weights(code, plan, step, names);
            foreach (var state in plan.Cell.States)
                code.Line($"var {names.Operand(state.Symbol)} = {KernelText.InitialState(plan, state.Symbol.Index)};");
            if (plan.Cell.KeepsStates)
                code.Line("var savesStates = states.Length != 0;");
            code.Line().Line("long step = 0;");
            using (code.Block($"for (; step <= time - {KernelText.Unroll}; step += {KernelText.Unroll})"))
            {
                code.Line("// All loads of the round stand before its stores: they are under way at once.");
                for (var i = 0; i < KernelText.Unroll; i++)
                    Loads(code, step, names, i);
                for (var i = 0; i < KernelText.Unroll; i++)
                    Body(code.Line(), plan, step, names, i);
                KernelText.Advance(code.Line(), walked, KernelText.Unroll);
            }

            code.Line();
            using (code.Block("for (; step < time; step++)"))
            {
                Loads(code, step, names, null);
                Body(code, plan, step, names, null);
                KernelText.Advance(code.Line(), walked, 1);
            }

            code.Line();
            using (code.Block("if (finalState.Length != 0)"))
            {
                foreach (var state in plan.Cell.States)
                    code.Line($"finalState[{KernelText.StateAt(plan, state.Symbol.Index)}] = {names.Operand(state.Symbol)};");
            }
        }
    }

    private static IEnumerable<string> Walked(LayerPlan plan, StepFunction step)
    {
        if (step.Reads(SymbolKind.Projection))
            yield return "preactivation";
        yield return "output";
        if (plan.Cell.KeepsStates)
            yield return "states";
    }

    private static void Loads(CodeWriter code, StepFunction step, KernelNames names, int? number)
    {
        foreach (var load in step.Loads(SymbolKind.Projection))
            code.Line($"var {KernelNames.At(names.Operand(load), number)} = preactivations[{KernelText.At("preactivation", number ?? 0, load.Index)}];");
        foreach (var load in step.Loads(SymbolKind.Input))
            code.Line($"var {KernelNames.At(names.Operand(load), number)} = input[{KernelText.At("output", number ?? 0)}];");
    }

    private static void Body(CodeWriter code, LayerPlan plan, StepFunction step, KernelNames names, int? number)
    {
        var states = plan.Cell.States.Select(state => names.Operand(state.Symbol)).ToList();
        var result = plan.Cell.Output is null ? states[0] : KernelNames.At("result", number);
        var targets = plan.Cell.Output is null ? states : states.Append("var " + result);
        code.Line(step.Call(targets, step.Operands.Select(load => load.Kind switch
        {
            SymbolKind.State or SymbolKind.Weight => names.Operand(load),
            _ => KernelNames.At(names.Operand(load), number),
        })));
        code.Line($"output[{KernelText.At("output", number ?? 0)}] = {result};");
        if (!plan.Cell.KeepsStates)
            return;
        using (code.Block("if (savesStates)"))
        {
            for (var i = 0; i < states.Count; i++)
                code.Line($"states[{KernelText.At("states", number ?? 0, i)}] = {states[i]};");
        }
    }
}
