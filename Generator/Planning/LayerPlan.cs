using System;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning.VectorStates;
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
    private readonly Lazy<ElementPlan> elements = new(() => new ElementPlan(Kernels));

    public Cell Cell => Kernels.Cell;

    public int Projections => Cell.Projections.Count();

    /// <summary>Rows of a number for each channel that the cell's weights take.</summary>
    public int Weights => Cell.Weights.Sum(RowsOf);

    /// <summary>The same of the states.</summary>
    public int States => Cell.NextStates.Length * StateSize;

    /// <summary>Elements of each state, N; 1 where a state is one number.</summary>
    public int StateSize => Cell.IsVector ? Cell.StateSize : 1;

    /// <summary>Pre-activations of a step that all channels share, Q·N.</summary>
    public int Shared => Cell.Shared.Count() * StateSize;

    /// <summary>The plan of an element of vector states.</summary>
    public ElementPlan Elements => elements.Value;

    /// <summary>How vector states are spread over the threads of a GPU; null where states are numbers, or too large.</summary>
    public ElementSlices? Slices => Cell.IsVector ? ElementSlices.Of(Cell, Elements, IsDouble) : null;

    /// <summary>Whether the layer has kernels for GPUs.</summary>
    public bool HasDeviceKernels => !Cell.IsVector || Slices is not null;

    /// <summary>Pre-activations of a step: P·H + Q·N.</summary>
    public long PreactivationWidth => ((long)Projections * HiddenSize) + Shared;

    /// <summary>Rows of the packed parameters that kernels read: biases, then weights.</summary>
    public int BiasRows => Bias ? Projections : 0;

    public bool IsDouble => Precision == Precision.Double;

    /// <summary>Learned numbers of the layer, in one direction or both.</summary>
    public long ParameterCount =>
        (MatrixSize + (Bias ? ((long)Projections * HiddenSize) + Shared : 0) + ((long)Weights * HiddenSize))
        * (Direction == Direction.Bidirectional ? 2 : 1);

    private long MatrixSize => ((long)Shared * InputSize) + Cell.Projections.Sum(projection =>
        projection.Rank > 0 ? (long)projection.Rank * (InputSize + HiddenSize) : (long)HiddenSize * InputSize);

    /// <summary>The first of a weight's rows, after the biases.</summary>
    public int FirstRow(Symbol weight) => Cell.Weights.Take(weight.Index).Sum(RowsOf);

    public int RowsOf(CellParameter weight) => weight.Symbol.IsIndexed ? StateSize : 1;

    public static LayerPlan Make(LayerSpec spec, Cell cell) =>
        new(spec.Type, KernelPlan.Make(spec.Options.Apply(cell)), spec.InputSize, spec.HiddenSize, spec.Bias, spec.Direction, spec.Precision);
}
