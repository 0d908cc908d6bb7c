using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>A layer with its compiled cell: everything that emitters read.</summary>
internal sealed record LayerPlan(
    TypeSpec Type,
    KernelPlan Kernels,
    int InputSize,
    int HiddenSize,
    bool Bias,
    Direction Direction,
    Precision Precision)
{
    public Cell Cell => Kernels.Cell;

    public int Projections => Cell.Projections.Count();

    public int Weights => Cell.Weights.Count();

    public int States => Cell.NextStates.Length;

    /// <summary>Rows of the packed parameters that kernels read: biases, then weights.</summary>
    public int BiasRows => Bias ? Projections : 0;

    public bool IsDouble => Precision == Precision.Double;

    /// <summary>Learned numbers of the layer, in one direction or both.</summary>
    public long ParameterCount =>
        ((long)Projections * HiddenSize * (InputSize + (Bias ? 1 : 0)) + ((long)Weights * HiddenSize))
        * (Direction == Direction.Bidirectional ? 2 : 1);

    public static LayerPlan Make(LayerSpec spec, Cell cell) =>
        new(spec.Type, KernelPlan.Make(cell), spec.InputSize, spec.HiddenSize, spec.Bias, spec.Direction, spec.Precision);
}
