namespace MinRnn.Generator.Emission.Torch;

/// <summary>
/// Emits the module initialiser that brings libtorch into the process before the first line of a user's code can ask for it.
/// </summary>
internal static class TorchLoadingEmitter
{
    public static string Emit()
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        return code.Line(
            """
            namespace MinRnn.Generated
            {
                file static class TorchLoading
                {
                    /// <summary>Never throws: a failure is kept, and told by the first layer or model that is made.</summary>
                    [global::System.Runtime.CompilerServices.ModuleInitializer]
                    internal static void Load() => global::MinRnn.Torch.TorchLibrary.TryLoad();
                }
            }
            """).ToString();
    }
}
