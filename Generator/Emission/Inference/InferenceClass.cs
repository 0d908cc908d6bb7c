using MinRnn.Generator.Declarations;

namespace MinRnn.Generator.Emission.Inference;

/// <summary>Emits a class's nested <c>Inference</c>: its sizes, and how it is loaded. What it does stands in its base class.</summary>
internal static class InferenceClass
{
    /// <param name="type">The declared class.</param>
    /// <param name="hasTorch">Whether the class is a TorchSharp module too; otherwise nobody is to make one.</param>
    /// <param name="summary">What it computes.</param>
    /// <param name="module">The base class, for the element type.</param>
    /// <param name="description">The member that describes the declaration.</param>
    /// <param name="stateSize">Elements of the state of one sequence.</param>
    /// <param name="state">What they are.</param>
    public static string Emit(TypeSpec type, bool hasTorch, string summary, string module, string description, long stateSize, string state)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var before = hasTorch ? null :
            $"""
            /// <summary>
            /// {summary}
            /// </summary>
            /// <remarks>Without TorchSharp there is no module, only <see cref="Inference"/>.</remarks>
            """;
        TypeShell.Write(code, type, () =>
        {
            if (!hasTorch)
            {
                code.Line(
                    $$"""
                    private {{type.Name}}()
                    {
                    }

                    """);
            }

            Write(code, summary, module, description, stateSize, state);
        }, before);
        return code.ToString();
    }

    /// <summary>Writes the nested class alone.</summary>
    /// <inheritdoc cref="Emit"/>
    public static void Write(CodeWriter code, string summary, string module, string description, long stateSize, string state)
    {
        const string Options = "global::MinRnn.Inference.InferenceOptions? options";
        const string File = "global::MinRnn.Safetensors.SafetensorsFile";
        code.Line(
            $"""
            /// <summary>
            /// {summary} Weights alone, without TorchSharp.
            /// </summary>
            """);
        using (code.Block($"public sealed class Inference : global::MinRnn.Inference.{module}"))
        {
            code.Line(
                $$"""
                /// <summary>Elements of the state of one sequence: {{state}}. Zeros at first.</summary>
                public const {{(stateSize > int.MaxValue ? "long" : "int")}} StateSize = {{Literals.Int(stateSize)}};

                private Inference({{File}} file, {{Options}})
                    : base({{description}}, file, options)
                {
                }
                """);
            Load(code, "string path", "Open(path)", "path", "The safetensors file.");
            Load(code, "global::System.IO.Stream stream", "Read(stream)", "stream", "The content of such a file, less than 2 GB.");
            Load(code, "global::System.ReadOnlyMemory<byte> content", "Parse(content)", "content", "The content of such a file.");
        }

        void Load(CodeWriter code, string parameter, string open, string name, string meaning) => code.Line().Line(
            $$"""
            /// <summary>Loads the weights.</summary>
            /// <param name="{{name}}">{{meaning}}</param>
            /// <param name="options">How they are loaded; null for the defaults.</param>
            /// <exception cref="global::MinRnn.Safetensors.SafetensorsException">The file is not valid, or belongs to another architecture.</exception>
            public static Inference Load({{parameter}}, {{Options}} = null)
            {
                using var file = {{File}}.{{open}};
                return new Inference(file, options);
            }
            """);
    }
}
