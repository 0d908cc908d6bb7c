using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>How a kernel's text speaks of the channels that one thread carries: one number each, or a quad for four.</summary>
/// <param name="Count">Channels of a thread.</param>
/// <param name="IsDouble">Whether numbers are of double precision.</param>
internal sealed record LaneText(int Count, bool IsDouble)
{
    private readonly ScalarDialect dialect = new(IsDouble);

    public bool IsWide => Count > 1;

    public string Scalar => dialect.Scalar;

    /// <summary>What the names of kernels of these lanes end in.</summary>
    public string Suffix => IsWide ? "Wide" : "";

    public string Storage => IsDouble ? "DoubleStorage" : "TStorage";

    /// <summary>The lanes of a thread that takes four channels; null where rows of channels do not divide into quads.</summary>
    public static LaneText? Quad(LayerPlan plan) => plan.IsDouble || plan.HiddenSize % 4 != 0 ? null : new(4, plan.IsDouble);

    /// <summary>The lane of a thread that has one channel.</summary>
    public static LaneText Single(LayerPlan plan) => new(1, plan.IsDouble);

    /// <summary>The type of an element in memory.</summary>
    public string Element => IsDouble ? "double" : "T";

    public string Constant(double value) => IsWide ? $"new Quad({dialect.Number(value)})" : dialect.Number(value);

    public string Load(string view, string at) => $"{Storage}.{(IsWide ? "LoadQuad" : "Load")}(scan.{view}, {at})";

    /// <summary>The number that an element stands for.</summary>
    public string Value(string element) => $"{Storage}.Value({element})";

    public string Store(string view, string at, string value) => $"{Storage}.{(IsWide ? "StoreQuad" : "Store")}(scan.{view}, {at}, {value});";

    /// <summary>Writes to a view in the precision of the arithmetic.</summary>
    public string StoreWork(string view, string at, string value) =>
        IsWide ? $"SingleStorage.StoreQuad(scan.{view}, {at}, {value});" : $"scan.{view}[{at}] = {value};";

    /// <summary>Reads a state that a piece of time starts from.</summary>
    public string LoadState(string at, int states, int state) =>
        $"ChunkStates.{(IsWide ? "LoadQuad" : "Load")}(scan.Work.States, {at}, {Literals.Int(states)}, {Literals.Int(state)})";
}
