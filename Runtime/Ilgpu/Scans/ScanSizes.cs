using ILGPU;
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

    /// <summary>Checks a view [B, T, width], or [rows, width] of sequences.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void Steps<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(
            view.Length, checked((Sequences is null ? Batch : 1) * Time * width), Sequences is null ? "[B, T, W]" : "[rows, W]", width, name);

    /// <summary>Checks a view [B, T, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void StepsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Steps(view, width, name);
    }

    /// <summary>Checks a view [C, width] of the sets of states that are kept for backward.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void Kept<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(view.Length, checked(KeptSets * width), "[C, W]", width, name);

    /// <summary>Checks a view [C, width] of the sets of states that are kept for backward, or that is empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void KeptOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Kept(view, width, name);
    }

    /// <summary>Checks a view [B, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void RowsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Check(view.Length, checked(Batch * width), Sequences is null ? "[B, W]" : "[N, W]", width, name);
    }

    /// <summary>Checks a view [width].</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void Weights<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(view.Length, width, "[W]", width, name);

    /// <summary>Checks a view [width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void WeightsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Weights(view, width, name);
    }

    /// <summary>The window of a scan over all of these steps.</summary>
    /// <param name="direction">1, or -1 where time runs from the last step to the first.</param>
    public ScanWindow Window(long direction) => new() { Batch = Batch, Time = Time, Direction = direction };

    private void Check(long length, long wanted, string shape, long width, string name)
    {
        if (length != wanted)
        {
            var sizes = shape[1] == 'C' ? FormattableString.Invariant($"C = {KeptSets}")
                : Sequences is null ? FormattableString.Invariant($"B = {Batch}, T = {Time}")
                : FormattableString.Invariant($"N = {Batch}, rows = {Time}");
            throw new ArgumentException(
                FormattableString.Invariant($"'{name}' has {length} elements; {shape} with {sizes} and W = {width} has {wanted}."), name);
        }
    }
}
