using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Inference;

/// <summary>Emits a layer's inference class.</summary>
internal static class InferenceLayerEmitter
{
    public static string Emit(LayerPlan plan, bool hasTorch)
    {
        var directions = plan.Direction == Direction.Bidirectional ? 2 : 1;
        var states = plan.Cell.IsVector ? $"{plan.Cell.NextStates.Length}, {plan.StateSize}" : plan.States.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var state = (directions, plan.States) switch
        {
            (1, 1) => $"[{plan.HiddenSize}]",
            (1, _) => $"[{states}, {plan.HiddenSize}]",
            _ => $"[2, {states}, {plan.HiddenSize}], forward first",
        };
        return InferenceClass.Emit(
            plan.Type,
            hasTorch,
            $"{plan.Cell.ShortName}: input [B, T, {plan.InputSize}], output [B, T, {directions * plan.HiddenSize}].",
            Module(plan.Direction, plan.IsDouble),
            "Description",
            (long)directions * plan.States * plan.HiddenSize,
            state);
    }

    /// <summary>The base class: only a forward layer has steps.</summary>
    public static string Module(Direction direction, bool isDouble) =>
        $"{(direction is Direction.Reverse or Direction.Bidirectional ? "LayerInference" : "ForwardLayerInference")}<{(isDouble ? "double" : "float")}>";
}
