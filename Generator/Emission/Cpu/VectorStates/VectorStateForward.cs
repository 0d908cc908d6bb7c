using System.Linq;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>The forward kernel of a cell with vector states.</summary>
internal static class VectorStateForward
{
    public static void Write(CodeWriter code, LayerPlan plan, ElementText text)
    {
        using (ElementText.Kernel(code, plan, "Forward"))
        {
            text.WriteHead(code);
            code.Line("ref var state = ref block.State;");
            using (code.Block("for (var step = block.FirstStep; step < block.EndStep; step++)"))
            {
                text.WriteReferences(code);
                code.Line("ref var output = ref Buffers.Row(ref block.Output, row, Channels);");
                using (ElementText.Channels(code))
                {
                    text.WriteChannel(code);
                    code.Line("var sum = Lanes.Zero;");
                    using (ElementText.Elements(code))
                    {
                        text.WriteElement(code);
                        text.WriteNextStates(code);
                        code.Line($"sum += {text.Expressions.Use(text.Results.Last().Value)};");
                    }

                    code.Line().Line("TLanes.Write(sum, ref output, channel, lanes);");
                }
            }
        }
    }
}
