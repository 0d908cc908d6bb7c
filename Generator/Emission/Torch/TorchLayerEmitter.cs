using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Torch;

/// <summary>Emits a layer's TorchSharp module: its base class, which does the work, and its constructor.</summary>
internal static class TorchLayerEmitter
{
    public static string Emit(LayerPlan plan)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var direction = plan.Direction == Direction.Bidirectional ? 2 : 1;
        var state = (direction, plan.States) switch
        {
            (1, 1) => $"[B, {plan.HiddenSize}]",
            (1, _) => $"[B, {plan.States}, {plan.HiddenSize}]",
            (_, 1) => $"[B, 2, {plan.HiddenSize}]",
            _ => $"[B, 2, {plan.States}, {plan.HiddenSize}]",
        };
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
            /// <param name="dtype">Null, or the precision that the layer is declared with.</param>
            public {{plan.Type.Name}}(global::TorchSharp.torch.Device? device = null, global::TorchSharp.torch.ScalarType? dtype = null)
                : base(Description, device, dtype)
            {
            }
            """), before, " : global::MinRnn.Torch.RecurrentModule");
        return code.ToString();
    }

    private static System.Collections.Generic.IEnumerable<string> Parameters(LayerPlan plan)
    {
        var rows = plan.Projections * plan.HiddenSize;
        var order = string.Join(", ", plan.Cell.Projections.Select(projection => projection.Name));
        if (rows > 0)
            yield return $"<c>weight</c> [{rows}, {plan.InputSize}]" + (plan.Projections > 1 ? $" (rows: {order})" : "");
        if (plan.BiasRows > 0)
            yield return $"<c>bias</c> [{rows}]";
        foreach (var weight in plan.Cell.Weights)
            yield return $"<c>{weight.Name}</c> [{plan.HiddenSize}]";
        if (plan.Direction == Direction.Bidirectional)
            yield return "and the same with <c>_reverse</c> for the second direction";
    }
}
