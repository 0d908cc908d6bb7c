using System.Numerics;

namespace MinRnn.Inference.Matrices;

/// <summary>
/// A linear map y = W x + b, packed when it is loaded for the products of its own size: the rows of W stand in panels as wide as the
/// registers of an inner loop, column after column, so that a product reads them once from end to end.
/// </summary>
/// <remarks>
/// An output is summed up over the columns in their order, whatever the rows of x beside it and whoever computes it: a stream has the
/// same bits alone, in a batch, and on any number of threads.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal abstract class LinearMap<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Vectors of a wide panel.</summary>
    protected const int WideVectors = 4;

    protected LinearMap(long rows, long columns)
    {
        (Rows, Columns) = (checked((int)rows), checked((int)columns));
        WidePanels = Rows / WidePanelRows;
        NarrowPanels = (Rows - (WidePanels * WidePanelRows) + Vector<T>.Count - 1) / Vector<T>.Count;
    }

    /// <summary>Elements of an output.</summary>
    public int Rows { get; }

    /// <summary>Elements of an input.</summary>
    public int Columns { get; }

    /// <summary>Panels of W: wide ones, then narrow ones of one vector for the rest, the last filled up with zeros.</summary>
    public int Panels => WidePanels + NarrowPanels;

    /// <summary>Multiplications of one product.</summary>
    public long Size => (long)Rows * Columns;

    /// <summary>Rows of W in a wide panel.</summary>
    public static int WidePanelRows => WideVectors * Vector<T>.Count;

    protected int WidePanels { get; }

    private int NarrowPanels { get; }

    /// <summary>Computes the outputs of a range of panels for rows of inputs.</summary>
    /// <param name="product">Inputs and outputs.</param>
    /// <param name="firstPanel">The first panel.</param>
    /// <param name="endPanel">The panel after the last.</param>
    public abstract void Multiply(in Product<T> product, int firstPanel, int endPanel);

    /// <summary>The first row of a panel.</summary>
    public int FirstRow(int panel) => panel <= WidePanels
        ? panel * WidePanelRows
        : (WidePanels * WidePanelRows) + ((panel - WidePanels) * Vector<T>.Count);
}

/// <summary>What a linear map is applied to.</summary>
internal readonly unsafe struct Product<T>(T* input, nint inputStride, T* output, nint outputStride, int count, bool adds)
    where T : unmanaged
{
    /// <summary>Rows of inputs.</summary>
    public readonly T* Input = input;

    /// <summary>Elements from one to the next.</summary>
    public readonly nint InputStride = inputStride;

    /// <summary>Rows of outputs.</summary>
    public readonly T* Output = output;

    /// <summary>Elements from one to the next.</summary>
    public readonly nint OutputStride = outputStride;

    /// <summary>Rows.</summary>
    public readonly int Count = count;

    /// <summary>Whether outputs are added to what is there: a residual connection.</summary>
    public readonly bool Adds = adds;
}
