using ILGPU;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu;

/// <summary>The sizes of one call, against which its views are checked. It is made by <see cref="AcceleratorScan{TReal}.Enter"/>.</summary>
/// <param name="Batch">Rows of the batch, B.</param>
/// <param name="Time">Time steps, T.</param>
public readonly record struct ScanSizes(long Batch, long Time)
{
    /// <summary>Checks a view [B, T, width].</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void Steps<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged => Check(view.Length, checked(Batch * Time * width), "[B, T, W]", width, name);

    /// <summary>Checks a view [B, T, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void StepsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Steps(view, width, name);
    }

    /// <summary>Checks a view [B, width] that may be empty.</summary>
    /// <exception cref="ArgumentException">The view has another length.</exception>
    public void RowsOrEmpty<T>(ArrayView<T> view, long width, string name)
        where T : unmanaged
    {
        if (view.Length != 0)
            Check(view.Length, checked(Batch * width), "[B, W]", width, name);
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
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"'{name}' has {length} elements; {shape} with B = {Batch}, T = {Time} and W = {width} has {wanted}."),
                name);
        }
    }
}
