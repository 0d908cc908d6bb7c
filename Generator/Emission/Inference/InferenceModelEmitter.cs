using System;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Inference;

/// <summary>Emits a sequence model's inference class.</summary>
internal static class InferenceModelEmitter
{
    public static string Emit(ModelSpec model, LayerPlan layer, bool hasTorch)
    {
        long cache = (long)Math.Max(0, model.ConvolutionWidth - 1) * model.Width, states = (long)layer.States * layer.HiddenSize;
        var state = $"for each of {model.Layers} blocks {(cache > 0 ? $"{cache} past inputs of the convolution and " : "")}{states} of the recurrence";
        return InferenceClass.Emit(
            model.Type,
            hasTorch,
            $"{layer.Cell.ShortName} in {model.Layers} blocks of width {model.Width}: tokens [B, T] to logits [B, T, V].",
            Module(layer.IsDouble),
            "ModelDescription",
            model.Layers * (cache + states),
            state);
    }

    /// <summary>The base class.</summary>
    public static string Module(bool isDouble) => $"ModelInference<{(isDouble ? "double" : "float")}>";
}
