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
        var blocks = model.Layers == 1 ? "for the one block" : $"for each of {model.Layers} blocks";
        var state = $"{blocks} {(cache > 0 ? $"{cache} past inputs of the convolution and " : "")}{states} of the recurrence";
        return InferenceClass.Emit(
            model.Type,
            hasTorch,
            Summary(model, layer),
            Module(layer.IsDouble),
            "ModelDescription",
            model.Layers * (cache + states),
            state);
    }

    /// <summary>What a model is, in a sentence.</summary>
    public static string Summary(ModelSpec model, LayerPlan layer) =>
        $"{layer.Cell.ShortName} in {model.Layers} {(model.Layers == 1 ? "block" : "blocks")} of width {model.Width}: tokens [B, T] to logits [B, T, V].";

    /// <summary>The base class.</summary>
    public static string Module(bool isDouble) => $"ModelInference<{(isDouble ? "double" : "float")}>";
}
