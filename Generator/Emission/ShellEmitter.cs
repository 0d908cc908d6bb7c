using MinRnn.Generator.Declarations;

namespace MinRnn.Generator.Emission;

/// <summary>
/// Emits the part of a declaration that is not valid: the base class and constructor that other code relies on, so that the
/// declaration's own diagnostic is the only one.
/// </summary>
internal static class ShellEmitter
{
    public static string Layer(TypeSpec type, TargetSpec targets) => Emit(type, targets, "Torch.RecurrentModule", "Kernels.LayerDescription", "", "device, dtype");

    public static string Model(TypeSpec type, TargetSpec targets) =>
        Emit(type, targets, "Torch.SequenceModule", "Kernels.SequenceDescription",
            "int? vocabularySize = null, int? layers = null, double? dropout = null, ", "vocabularySize, layers, dropout, device, dtype");

    private static string Emit(TypeSpec type, TargetSpec targets, string module, string description, string parameters, string arguments)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        if (!targets.HasTorch || type.HasBase)
        {
            TypeShell.Write(code, type, () => { });
            return code.ToString();
        }

        TypeShell.Write(code, type, () => code.Line(
            $$"""
            /// <summary>The declaration is not valid: see the diagnostics of the build.</summary>
            public {{type.Name}}({{parameters}}global::TorchSharp.torch.Device? device = null, global::TorchSharp.torch.ScalarType? dtype = null)
                : base(NotValid(), {{arguments}})
            {
            }

            private static global::MinRnn.{{description}} NotValid() =>
                throw new global::System.NotSupportedException("The declaration of '{{type.PlainName}}' is not valid: see the diagnostics of its build.");
            """), bases: " : global::MinRnn." + module);
        return code.ToString();
    }
}
