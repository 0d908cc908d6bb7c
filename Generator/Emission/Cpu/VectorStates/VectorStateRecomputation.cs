using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>The kernel that recomputes the states before each step of a span, for backward: forward without the output.</summary>
internal static class VectorStateRecomputation
{
    public static void Write(CodeWriter code, LayerPlan plan, ElementText text)
    {
        using (ElementText.Kernel(code, plan, "Recompute"))
        {
            text.WriteHead(code);
            code.Line("ref var state = ref block.State;");
            using (code.Block("for (var step = block.FirstStep; step < block.EndStep; step++)"))
            {
                text.WriteReferences(code);
                code.Line($"ref var states = ref Buffers.Row(ref block.States, step - block.FirstStep, {Literals.Int(plan.States)} * block.Width);");
                using (ElementText.Channels(code))
                {
                    text.WriteChannel(code);
                    using (ElementText.Elements(code))
                    {
                        text.WriteElement(code);
                        foreach (var state in plan.Cell.States)
                            code.Line($"TLanes.Store({text.Before(state.Symbol)}, ref states, {text.StateRow(state.Symbol.Index)}, lanes);");
                        text.WriteNextStates(code);
                    }
                }
            }
        }
    }
}
