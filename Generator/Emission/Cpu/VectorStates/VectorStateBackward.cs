using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>
/// The backward kernel of a cell with vector states. What elements give for a parameter of their channel is summed on the way;
/// what channels give for a shared pre-activation is summed in vectors, and across their lanes at the end of the step.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="text">Its text.</param>
/// <param name="ofChannel">The parameters that a channel has one of, with the names of their gradients.</param>
internal sealed class VectorStateBackward(LayerPlan plan, ElementText text, IReadOnlyDictionary<Symbol, string> ofChannel)
{
    public void Write(CodeWriter code)
    {
        using (ElementText.Kernel(code, plan, "Backward"))
        {
            text.WriteHead(code);
            if (plan.BiasRows + plan.Weights > 0)
                code.Line("ref var parameterGradient = ref block.ParameterGradient;");
            code.Line("ref var stateGradient = ref block.StateGradient;");
            if (plan.Shared > 0)
                code.Line("ref var sharedSums = ref block.SharedSums;");
            using (code.Block("for (var step = block.EndStep - 1; step >= block.FirstStep; step--)"))
            {
                text.WriteReferences(code);
                if (text.Reads(SymbolKind.State))
                    code.Line($"ref var states = ref Buffers.Row(ref block.States, step - block.FirstStep, {Literals.Int(plan.States)} * block.Width);");
                if (plan.Projections > 0)
                    code.Line($"ref var preactivationGradient = ref Buffers.Row(ref block.PreactivationGradient, row, {(plan.Shared == 0 ? CpuKernelEmitter.Width(plan.Projections) : "PreactivationWidth")});");
                if (plan.Cell.HasInput)
                    code.Line("ref var inputGradient = ref Buffers.Row(ref block.InputGradient, row, Channels);");
                if (plan.Shared > 0)
                    code.Line($"ref var sharedGradient = ref Buffers.Row(ref block.SharedGradient, row, block.SharedGradientWidth);");
                using (ElementText.Channels(code))
                    Channel(code);
                if (plan.Shared > 0)
                    code.Line().Line($"VectorStates.AddLanes(ref sharedSums, ref sharedGradient, {Literals.Int(plan.Shared)});");
            }
        }
    }

    private void Channel(CodeWriter code)
    {
        text.WriteChannel(code);
        foreach (var name in ofChannel.Values)
            code.Line($"var {name} = Lanes.Zero;");
        using (ElementText.Elements(code))
        {
            text.WriteElement(code);
            code.Line();
            foreach (var (target, value) in text.Results)
            {
                if (!ofChannel.TryGetValue(target, out var name))
                    Element(code, target, value);
                else if (!value.Is(0))
                    code.Line($"{name} += {text.Expressions.Use(value)};");
            }
        }

        code.Line();
        foreach (var entry in ofChannel)
        {
            switch (entry.Key.Kind)
            {
                case SymbolKind.Projection:
                    code.Line($"TLanes.Write({entry.Value}, ref preactivationGradient, {CpuKernelEmitter.At(entry.Key.Index)}, lanes);");
                    if (plan.Bias)
                        AddNamed(code, ElementText.At(entry.Key.Index, isIndexed: false), entry.Value);
                    break;
                case SymbolKind.Input:
                    code.Line($"TLanes.Write({entry.Value}, ref inputGradient, channel, lanes);");
                    break;
                default:
                    AddNamed(code, ElementText.At(plan.BiasRows + plan.FirstRow(entry.Key), isIndexed: false), entry.Value);
                    break;
            }
        }
    }

    private void Element(CodeWriter code, Symbol target, Expr value)
    {
        switch (target.Kind)
        {
            case SymbolKind.State:
                code.Line($"TLanes.Store({text.Expressions.Use(value)}, ref stateGradient, {text.StateRow(target.Index)}, lanes);");
                break;
            case SymbolKind.Weight when !value.Is(0):
                Add(code, "parameterGradient", ElementText.At(plan.BiasRows + plan.FirstRow(target), isIndexed: true), value);
                break;
            case SymbolKind.Shared when !value.Is(0):
                var element = text.SharedElement(target.Index);
                Add(code, "sharedSums", $"{(target.Index == 0 ? element : $"({element})")} * Lanes.Count", value);
                break;
        }
    }

    private void Add(CodeWriter code, string matrix, string at, Expr value) =>
        code.Line($"TLanes.Store({CpuKernelEmitter.Plus($"TLanes.Load(ref {matrix}, {at}, lanes)", value, text.Expressions)}, ref {matrix}, {at}, lanes);");

    private static void AddNamed(CodeWriter code, string at, string value) =>
        code.Line($"TLanes.Store(TLanes.Load(ref parameterGradient, {at}, lanes) + {value}, ref parameterGradient, {at}, lanes);");
}
