using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Torch;

/// <summary>Emits a layer's TorchSharp module: its base class, which does the work, and its constructor.</summary>
internal static class TorchLayerEmitter
{
    public static string Emit(LayerPlan plan, bool hasDeviceKernels)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var direction = plan.Direction == Direction.Bidirectional ? 2 : 1;
        var count = plan.Cell.NextStates.Length;
        var state = "[B, " + (direction == 2 ? "2, " : "") + (count > 1 || plan.Cell.IsVector ? count + ", " : "")
            + (plan.Cell.IsVector ? plan.StateSize + ", " : "") + plan.HiddenSize + "]";
        var before =
            $"""
            /// <summary>
            /// {plan.Cell.ShortName}: input [B, T, {plan.InputSize}], output [B, T, {direction * plan.HiddenSize}], state {state}.
            /// </summary>
            /// <remarks>
            /// Parameters: {string.Join(", ", Parameters(plan))}.
            /// </remarks>
            """;
        TypeShell.Write(code, plan.Type, () => code.Line(
            $$"""
            /// <summary>Creates the layer with fresh parameters.</summary>
            /// <param name="device">Where the parameters lie; the default device when null.</param>
            /// <param name="dtype">{{TypesOf("layer", plan, hasDeviceKernels)}}</param>
            public {{plan.Type.Name}}(global::TorchSharp.torch.Device? device = null, global::TorchSharp.torch.ScalarType? dtype = null)
                : base(Description, device, dtype)
            {
            }
            """), before, " : global::MinRnn.Torch.RecurrentModule");
        return code.ToString();
    }

    /// <summary>What a constructor says of its parameter <c>dtype</c>.</summary>
    public static string TypesOf(string module, LayerPlan plan, bool hasDeviceKernels) =>
        $"Null, or the precision that the {module} is declared with{(hasDeviceKernels && !plan.IsDouble ? "; on a CUDA device also Float16 or BFloat16" : "")}.";

    private static System.Collections.Generic.IEnumerable<string> Parameters(LayerPlan plan)
    {
        var full = plan.Cell.Projections.Where(projection => projection.Rank == 0).Concat(plan.Cell.Shared).ToList();
        var rows = (full.Count(projection => !projection.Symbol.IsIndexed) * plan.HiddenSize) + plan.Shared;
        var order = string.Join(", ", full.Select(projection => projection.Name));
        if (rows > 0)
            yield return $"<c>weight</c> [{rows}, {plan.InputSize}]" + (full.Count > 1 ? $" (rows: {order})" : "");
        foreach (var projection in plan.Cell.Projections.Where(projection => projection.Rank > 0))
            yield return $"<c>{projection.Name}_down</c> [{projection.Rank}, {plan.InputSize}], <c>{projection.Name}_up</c> [{plan.HiddenSize}, {projection.Rank}]";
        if (plan.Bias && plan.Projections + plan.Shared > 0)
            yield return $"<c>bias</c> [{(plan.Projections * plan.HiddenSize) + plan.Shared}]";
        foreach (var weight in plan.Cell.Weights)
            yield return $"<c>{weight.Name}</c> [{(weight.Symbol.IsIndexed ? plan.StateSize + ", " : "")}{plan.HiddenSize}]";
        if (plan.Direction == Direction.Bidirectional)
            yield return "and the same with <c>_reverse</c> for the second direction";
    }
}
