using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Declarations;

/// <summary>A class that the generator adds a part to.</summary>
/// <param name="Namespace">Empty for the global one.</param>
/// <param name="Containers">Headings of the types around it, outermost first: <c>partial class Outer</c>.</param>
/// <param name="Name">The class's own name.</param>
/// <param name="Modifiers">What its part is declared with: <c>partial</c> or <c>static partial</c>.</param>
/// <param name="FileStem">How the names of its generated files begin: unique for each type of an assembly.</param>
/// <param name="HasBase">Whether the user's part settles the base class, so that no other part can.</param>
/// <param name="Collides">Whether something of the user's has the name of a nested class that the build adds.</param>
internal sealed record TypeSpec(
    string Namespace, EquatableArray<string> Containers, string Name, string Modifiers, string FileStem, bool HasBase = false, bool Collides = false)
{
    /// <summary>The name without the <c>@</c> of one that is a keyword.</summary>
    public string PlainName => Name.TrimStart('@');

    /// <summary>The name of a generated file.</summary>
    public string FileName(string part) => $"{FileStem}.{part}.g.cs";
}

/// <summary>A declared cell.</summary>
/// <param name="Type">The class.</param>
/// <param name="FullName">Its name as layers know it, <c>Namespace.Outer.Name</c>.</param>
/// <param name="Graph">Its printed graph; null if the declaration is not valid.</param>
internal sealed record CellSpec(TypeSpec Type, string FullName, string? Graph);

/// <summary>The cell that a layer names: printed, or by name if it is declared in the same compilation.</summary>
/// <param name="FullName">The cell's full name.</param>
/// <param name="Graph">The printed graph from another assembly; null for a cell of this one.</param>
internal sealed record CellReference(string FullName, string? Graph);

/// <summary>A declared recurrent layer.</summary>
internal sealed record LayerSpec(
    TypeSpec Type,
    CellReference? Cell,
    int InputSize,
    int HiddenSize,
    bool Bias,
    CellOptions Options,
    Direction Direction,
    Precision Precision);

/// <summary>A declared sequence model.</summary>
internal sealed record ModelSpec(
    TypeSpec Type,
    CellReference? Cell,
    int VocabularySize,
    int Width,
    int Layers,
    int Expansion,
    Normalization Normalization,
    int ConvolutionWidth,
    int MlpRatio,
    double Dropout,
    bool Bias,
    CellOptions Options,
    Precision Precision)
{
    /// <summary>The recurrent layer of every block.</summary>
    public LayerSpec Recurrence => new(Type, Cell, Width, Width * Expansion, Bias, Options, Direction.Forward, Precision);
}

/// <summary>What the compilation references, and so what may be emitted.</summary>
internal sealed record TargetSpec(bool HasCore, bool HasTorch, bool HasIlgpu, bool HasLanguage);

/// <summary>The order of a layer's time; as <c>MinRnn.Direction</c>.</summary>
internal enum Direction
{
    Forward,
    Reverse,
    Bidirectional,
}

/// <summary>The norm of a model's blocks; as <c>MinRnn.Normalization</c>.</summary>
internal enum Normalization
{
    Rms,
    Layer,
    None,
}

/// <summary>A layer's floating-point type; as <c>MinRnn.Precision</c>.</summary>
internal enum Precision
{
    Single,
    Double,
}
