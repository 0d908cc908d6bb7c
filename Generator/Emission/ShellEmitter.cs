using MinRnn.Generator.Declarations;
using MinRnn.Generator.Emission.Inference;

namespace MinRnn.Generator.Emission;

/// <summary>
/// Emits the part of a declaration that is not valid: the base class, constructor and nested classes that other code relies on, so that the
/// declaration's own diagnostic is the only one.
/// </summary>
internal static class ShellEmitter
{
    private const string Summary = "The declaration is not valid: see the diagnostics of the build.";

    public static string Layer(LayerSpec layer, TargetSpec targets) => Emit(
        layer.Type, targets, "Torch.RecurrentModule", "LayerDescription", "", "device, dtype",
        InferenceLayerEmitter.Module(layer.Direction, layer.Precision == Precision.Double), hasGpu: targets.HasIlgpu);

    public static string Model(ModelSpec model, TargetSpec targets) => Emit(
        model.Type, targets, "Torch.SequenceModule", "SequenceDescription",
        "int? vocabularySize = null, int? layers = null, double? dropout = null, ", "vocabularySize, layers, dropout, device, dtype",
        InferenceModelEmitter.Module(model.Precision == Precision.Double), hasGpu: false);

    private static string Emit(
        TypeSpec type, TargetSpec targets, string module, string description, string parameters, string arguments, string inference, bool hasGpu)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var isModule = targets.HasTorch && !type.HasBase;
        var hasNested = targets.HasCore && !type.Collides;
        TypeShell.Write(code, type, () =>
        {
            if (isModule)
                Constructor(code, type, parameters, arguments);
            if (isModule || hasNested)
                NotValid(code, type, description);
            if (!hasNested)
                return;
            code.Line();
            InferenceClass.Write(code, Summary, inference, "NotValid()", stateSize: 0, "none");
            if (hasGpu)
                Gpu(code);
        }, bases: isModule ? " : global::MinRnn." + module : "");
        return code.ToString();
    }

    private static void Constructor(CodeWriter code, TypeSpec type, string parameters, string arguments) => code.Line(
        $$"""
        /// <summary>{{Summary}}</summary>
        public {{type.Name}}({{parameters}}global::TorchSharp.torch.Device? device = null, global::TorchSharp.torch.ScalarType? dtype = null)
            : base(NotValid(), {{arguments}})
        {
        }

        """);

    private static void NotValid(CodeWriter code, TypeSpec type, string description) => code.Line(
        $"""
        private static global::MinRnn.Kernels.{description} NotValid() =>
            throw new global::System.NotSupportedException("The declaration of '{type.PlainName}' is not valid: see the diagnostics of its build.");
        """);

    /// <summary>What its methods would take depends on the cell: these take anything.</summary>
    private static void Gpu(CodeWriter code) => code.Line(
        $$"""

        /// <summary>{{Summary}}</summary>
        public sealed class Gpu : global::System.IDisposable
        {
            /// <summary>Throws.</summary>
            public Gpu(params object?[] arguments) => NotValid();

            /// <summary>Throws.</summary>
            public void Warmup() => NotValid();

            /// <summary>Throws.</summary>
            public void Forward(params object?[] arguments) => NotValid();

            /// <summary>Throws.</summary>
            public void Backward(params object?[] arguments) => NotValid();

            /// <summary>Throws.</summary>
            public void Step(params object?[] arguments) => NotValid();

            /// <summary>Nothing to release.</summary>
            public void Dispose()
            {
            }
        }
        """);
}
