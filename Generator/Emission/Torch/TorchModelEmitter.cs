using MinRnn.Generator.Declarations;
using MinRnn.Generator.Emission.Inference;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Torch;

/// <summary>Emits a sequence model's TorchSharp module: its base class, its description and its constructor.</summary>
internal static class TorchModelEmitter
{
    public static string Emit(ModelSpec model, LayerPlan layer, bool hasDeviceKernels)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var budget = layer.Kernels.Budget;
        var bytes = layer.IsDouble ? 8 : 4;
        var kept = layer.Projections + (layer.Cell.HasInput ? 1 : 0) + (layer.Cell.KeepsStates ? layer.States : 1);
        var before =
            $"""
            /// <summary>
            /// {InferenceModelEmitter.Summary(model, layer)}
            /// </summary>
            /// <remarks>
            /// {ParameterCount(model, layer)} parameters{(model.VocabularySize > 0 ? $" with {model.VocabularySize} tokens" : " beside embedding and head")}. In each block the recurrence moves
            /// {(budget.Forward + budget.Backward) * bytes} bytes a channel-step in training, and keeps {kept * bytes} for backward.
            /// </remarks>
            """;
        TypeShell.Write(code, model.Type, () => code.Line(
            $$"""
            /// <summary>Creates the model with fresh parameters.</summary>
            /// <param name="vocabularySize">Tokens, V; {{(model.VocabularySize > 0 ? $"{model.VocabularySize} when null" : "the declaration leaves it to be given here")}}.</param>
            /// <param name="layers">Blocks; {{model.Layers}} when null.</param>
            /// <param name="dropout">Probability of dropout; {{Literals.Double(model.Dropout)}} when null.</param>
            /// <param name="device">Where the parameters lie; the default device when null.</param>
            /// <param name="dtype">{{TorchLayerEmitter.TypesOf("model", layer, hasDeviceKernels)}}</param>
            public {{model.Type.Name}}(
                int? vocabularySize = null, int? layers = null, double? dropout = null,
                global::TorchSharp.torch.Device? device = null, global::TorchSharp.torch.ScalarType? dtype = null)
                : base(ModelDescription, vocabularySize, layers, dropout, device, dtype)
            {
            }
            """), before, " : global::MinRnn.Torch.SequenceModule");
        return code.ToString();
    }

    /// <summary>The learned numbers of the declared model: embedding, blocks, final norm, head.</summary>
    public static long ParameterCount(ModelSpec model, LayerPlan layer)
    {
        long width = model.Width, hidden = layer.HiddenSize, mlp = width * model.MlpRatio;
        var norm = model.Normalization switch { Normalization.None => 0, Normalization.Layer => 2 * width, _ => width };
        var block = norm
            + (model.ConvolutionWidth > 0 ? width * (model.ConvolutionWidth + 1) : 0)
            + layer.ParameterCount
            + (width * hidden) + width // output projection
            + (model.MlpRatio > 0 ? norm + (2 * width * mlp) + mlp + width : 0);
        return (2 * model.VocabularySize * width) + model.VocabularySize + norm + (model.Layers * block);
    }
}
