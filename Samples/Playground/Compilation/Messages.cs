using System.Text.Json;
using System.Text.Json.Serialization;
using MinRnn.Samples.Playground.Drawing;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>What the page asks a worker.</summary>
/// <param name="Kind">What is wanted of the source.</param>
/// <param name="Source">C# with cells, and layers or models of them if the user declares any.</param>
/// <param name="Layer">The layer to look at; null for the first.</param>
/// <param name="Levels">Values of the cell's parameters in the impulse response; those that are absent have their defaults.</param>
internal sealed record Question(QuestionKind Kind, string Source, string? Layer = null, IReadOnlyDictionary<string, Level>? Levels = null)
{
    /// <summary>Characters of source at most.</summary>
    public const int LongestSource = 20_000;

    /// <summary>Values at most; no cell has as many parameters.</summary>
    public const int MostLevels = 1000;
}

/// <summary>What is wanted of a source.</summary>
internal enum QuestionKind
{
    /// <summary>All but the PTX: <see cref="CompiledSource"/>.</summary>
    Compile,

    /// <summary>The PTX of one layer: <see cref="PtxListing"/>.</summary>
    Ptx,
}

/// <summary>A parameter's value, a weight's being the same at every step.</summary>
/// <param name="Rest">At every step but one.</param>
/// <param name="Impulse">At the step of the impulse.</param>
internal sealed record Level(double Rest, double Impulse);

/// <summary>What the compiler says of a source.</summary>
/// <param name="Diagnostics">In order of place.</param>
/// <param name="Layers">The layers and models, by name.</param>
/// <param name="Layer">The one that was asked for; null where it is not valid.</param>
internal sealed record CompiledSource(IReadOnlyList<Note> Diagnostics, IReadOnlyList<string> Layers, LayerView? Layer);

/// <summary>A diagnostic in the source.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Severity">"error", "warning" or "info".</param>
/// <param name="Message">What it says.</param>
/// <param name="Start">Characters before it.</param>
/// <param name="Length">Characters it covers.</param>
/// <param name="Line">The line where it starts, from 1.</param>
/// <param name="Column">The column where it starts, from 1.</param>
internal sealed record Note(string Id, string Severity, string Message, int Start, int Length, int Line, int Column);

/// <summary>Everything about one layer.</summary>
/// <param name="Name">The layer's class.</param>
/// <param name="Cell">The cell's class.</param>
/// <param name="Summary">Sizes, precision and the number of learned parameters.</param>
/// <param name="Time">Whether time may be split, and why.</param>
/// <param name="Step">One step.</param>
/// <param name="Adjoint">The adjoint of a step.</param>
/// <param name="Budget">What a step moves through memory.</param>
/// <param name="Files">What the generator wrote.</param>
/// <param name="Response">The response to an impulse.</param>
internal sealed record LayerView(
    string Name,
    string Cell,
    string Summary,
    string Time,
    GraphView Step,
    GraphView Adjoint,
    BudgetView Budget,
    IReadOnlyList<GeneratedFile> Files,
    ResponseView Response);

/// <summary>A graph, drawn and written.</summary>
/// <param name="Drawing">Nodes and edges with their places.</param>
/// <param name="Formulas">The same as formulas.</param>
internal sealed record GraphView(GraphDrawing Drawing, IReadOnlyList<Formula> Formulas);

/// <summary>One line of what a step computes.</summary>
/// <param name="Name">What is computed.</param>
/// <param name="Expression">How.</param>
/// <param name="Kind">"weights" before the first step, else "value" or "result".</param>
internal sealed record Formula(string Name, string Expression, string Kind);

/// <summary>The elements that a channel moves through memory in one step of training.</summary>
/// <param name="ElementBytes">Bytes of an element.</param>
/// <param name="Forward">Of the generated kernel, forward.</param>
/// <param name="Backward">The same, backward.</param>
/// <param name="ForwardByOperation">Of a framework that runs each operation of the step by itself.</param>
/// <param name="BackwardByOperation">The same of the step's adjoint.</param>
/// <param name="Saved">What is kept from forward for backward.</param>
internal sealed record BudgetView(
    int ElementBytes, Traffic Forward, Traffic Backward, Traffic ForwardByOperation, Traffic BackwardByOperation, string Saved);

/// <summary>Elements read and written.</summary>
internal sealed record Traffic(int Reads, int Writes);

/// <summary>A generated file.</summary>
/// <param name="Target">"Cpu", "Gpu", "Torch" or "Inference".</param>
/// <param name="Name">The file's name.</param>
/// <param name="Text">The file's text.</param>
internal sealed record GeneratedFile(string Target, string Name, string Text);

/// <summary>What a channel does in time.</summary>
/// <param name="Parameters">The values that it ran with.</param>
/// <param name="ImpulseStep">The step of the impulse, from 0.</param>
/// <param name="Series">A line each.</param>
internal sealed record ResponseView(IReadOnlyList<ResponseParameter> Parameters, int ImpulseStep, IReadOnlyList<Series> Series);

/// <summary>A parameter with the values that it had.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">Its role, as the legend of the graph has it.</param>
/// <param name="Level">Its values.</param>
/// <param name="Remark">What the user should know of its default; null where it is the declared one.</param>
internal sealed record ResponseParameter(string Name, string Role, Level Level, string? Remark);

/// <summary>A line of the plot. A value that is no finite number is null.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Kind">"output", "state" or "rest".</param>
/// <param name="Values">One for each step.</param>
internal sealed record Series(string Name, string Kind, IReadOnlyList<double?> Values);

/// <summary>The PTX of a layer's kernels, or why there is none.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Reason">Why there is none; null where there are some.</param>
internal sealed record PtxListing(IReadOnlyList<PtxText> Kernels, string? Reason);

/// <summary>One kernel's PTX.</summary>
internal sealed record PtxText(string Name, string Text);

/// <summary>How questions and answers are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Question))]
[JsonSerializable(typeof(CompiledSource))]
[JsonSerializable(typeof(PtxListing))]
internal sealed partial class Json : JsonSerializerContext;
