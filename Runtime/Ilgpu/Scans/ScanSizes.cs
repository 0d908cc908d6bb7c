using ILGPU;
using ILGPU.Runtime;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu;

/// <summary>The sizes of one call, against which its views are checked. It is made by <c>Enter</c> of <see cref="AcceleratorScan{TReal}"/>.</summary>
/// <param name="Batch">Rows of the batch, B, or sequences.</param>
/// <param name="Time">Time steps, T, or rows of all sequences.</param>
/// <param name="Sequences">The sequences; null for the rows of a batch.</param>
public readonly record struct ScanSizes(long Batch, long Time, ScanSequences? Sequences = null)
{
    /// <summary>Sets of states that are kept for backward, C.</summary>
    public long KeptSets { get; init; }

    /// <summary>Where the views must lie; null for anywhere.</summary>
    internal Accelerator? Accelerator { get; init; }

    /// <summary>Checks a view [B, T, width], or [rows, width] of sequences.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void Steps<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(
            view, (Int128)(Sequences is null ? Batch : 1) * Time * width, Sequences is null ? "[B, T, W]" : "[rows, W]", width, name);

    /// <summary>Checks a view [B, T, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void StepsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Steps(view, width, name);
    }

    /// <summary>Checks a view [C, width] of the sets of states that are kept for backward.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void Kept<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(view, (Int128)KeptSets * width, "[C, W]", width, name);

    /// <summary>Checks a view [C, width] of the sets of states that are kept for backward, or that is empty.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void KeptOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Kept(view, width, name);
    }

    /// <summary>Checks a view [B, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void RowsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Check(view, (Int128)Batch * width, Sequences is null ? "[B, W]" : "[N, W]", width, name);
    }

    /// <summary>Checks a view [width].</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void Weights<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(view, width, "[W]", width, name);

    /// <summary>Checks a view [width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length, or lies in memory of another accelerator.</exception>
    public void WeightsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Weights(view, width, name);
    }

    /// <summary>The window of a scan over all of these steps.</summary>
    /// <param name="direction">1, or -1 where time runs from the last step to the first.</param>
    public ScanWindow Window(long direction) => new() { Batch = Batch, Time = Time, Direction = direction };

    private void Check<T>(ArrayView<T> view, Int128 wanted, string shape, long width, string name)
        where T : unmanaged
    {
        if (view.Length != wanted)
        {
            var sizes = shape[1] == 'C' ? FormattableString.Invariant($"C = {KeptSets}")
                : Sequences is null ? FormattableString.Invariant($"B = {Batch}, T = {Time}")
                : FormattableString.Invariant($"N = {Batch}, rows = {Time}");
            throw new ArgumentException(
                FormattableString.Invariant($"'{name}' has {view.Length} elements; {shape} with {sizes} and W = {width} has {wanted}."), name);
        }

        if (view.Length == 0 || Accelerator is null)
            return;
        var buffer = BufferOf(view);
        if (buffer.IsDisposed)
            throw new ObjectDisposedException(name, $"'{name}' is a view of a buffer that is disposed of.");
        if (buffer.Accelerator != Accelerator)
            throw new ArgumentException($"'{name}' lies in memory of {buffer.Accelerator}; wanted a view in memory of {Accelerator}.", name);
    }

    private static MemoryBuffer BufferOf<TView>(TView view)
        where TView : struct, IArrayView => view.Buffer;
}
