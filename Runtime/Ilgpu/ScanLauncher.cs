using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace MinRnn.Ilgpu;

/// <summary>
/// What the generated <c>Gpu</c> class of a layer stands on: its compiled kernels, the checks of its arguments, and the small
/// buffers that its kernels share. It may be used from several threads.
/// </summary>
public sealed class ScanLauncher : IDisposable
{
    /// <summary>
    /// Threads of a group. A thread is a channel of a row and walks all of time, so there are few threads: small groups spread
    /// them over the device's processors.
    /// </summary>
    private const int GroupSize = 64;

    private readonly Dictionary<AcceleratorStream, MemoryBuffer1D<byte, Stride1D.Dense>> scratch = [];
    private readonly int channels;
    private MemoryBuffer? zeros;
    private bool isDisposed;

    /// <summary>Makes the launcher of one layer.</summary>
    /// <param name="accelerator">The accelerator, which must outlive this.</param>
    /// <param name="channels">Channels of the recurrence, H.</param>
    /// <exception cref="ArgumentNullException"><paramref name="accelerator"/> is null.</exception>
    public ScanLauncher(Accelerator accelerator, int channels)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        Accelerator = accelerator;
        this.channels = channels;
    }

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Held while kernels that share a scratch buffer are enqueued.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The launcher of a kernel, compiled at the accelerator's first request for it.</summary>
    /// <typeparam name="TLauncher">A delegate of the stream, the grid, and the kernel's own parameters.</typeparam>
    /// <param name="kernel">The kernel, a static method.</param>
    public TLauncher Load<TLauncher>(Delegate kernel)
        where TLauncher : Delegate => KernelCache.Of(Accelerator).Get<TLauncher>(Accelerator, kernel.Method);

    /// <summary>Compiles the kernels that every layer of a floating-point type shares.</summary>
    public void Warmup<T>()
        where T : unmanaged => LoadSum<T>();

    /// <summary>Begins a call: checks what its views do not depend on.</summary>
    /// <exception cref="ObjectDisposedException">The layer's <c>Gpu</c> is disposed of.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="stream"/> is another accelerator's, or a size is negative.</exception>
    public ScanSizes Enter(AcceleratorStream stream, long batch, long time)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.Accelerator != Accelerator)
            throw new ArgumentException($"'stream' belongs to {stream.Accelerator}; wanted one of {Accelerator}.", nameof(stream));
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        return new ScanSizes(batch, time);
    }

    /// <summary>The grid with a thread for each channel of each row.</summary>
    public KernelConfig Threads(long batch)
    {
        var size = Math.Min(GroupSize, Accelerator.MaxNumThreadsPerGroup);
        return new KernelConfig(checked((int)(((batch * channels) + size - 1) / size)), size);
    }

    /// <summary>A gradient of the output, or where it is empty one row of zeros in its place.</summary>
    /// <param name="stream">The stream of the call.</param>
    /// <param name="outputGradient">[B, T, H], or empty.</param>
    /// <param name="step">Elements from one step to the next: H, or 0.</param>
    public ArrayView<T> OrZeros<T>(AcceleratorStream stream, ArrayView<T> outputGradient, out long step)
        where T : unmanaged
    {
        step = outputGradient.Length == 0 ? 0 : channels;
        if (step != 0)
            return outputGradient;
        lock (Gate)
        {
            if (zeros is null)
            {
                var buffer = Accelerator.Allocate1D<T>(channels);
                buffer.MemSetToZero(stream);
                zeros = buffer;

                // Other streams use it too.
                stream.Synchronize();
            }

            return ((MemoryBuffer1D<T, Stride1D.Dense>)zeros).View;
        }
    }

    /// <summary>
    /// Room for the partial sums of one weight, [B, H], kept for the stream. Use it under <see cref="Gate"/>.
    /// </summary>
    /// <param name="stream">The stream of the call.</param>
    /// <param name="weightGradient">Where the sum goes; nothing is wanted where it is empty.</param>
    /// <param name="weight">The weight's index.</param>
    /// <param name="weights">The cell's weights, K.</param>
    /// <param name="batch">Rows of the batch.</param>
    public ArrayView<T> Partials<T>(AcceleratorStream stream, ArrayView<T> weightGradient, int weight, int weights, long batch)
        where T : unmanaged
    {
        var elements = batch * channels;
        if (weightGradient.Length == 0 || elements == 0)
            return default;
        var bytes = checked(weights * elements * Marshal.SizeOf<T>());
        if (!scratch.TryGetValue(stream, out var buffer) || buffer.Length < bytes)
        {
            if (buffer is not null)
            {
                stream.Synchronize();
                buffer.Dispose();
            }

            scratch[stream] = buffer = Accelerator.Allocate1D<byte>(bytes);
        }

        return ((ArrayView<byte>)buffer.View).Cast<T>().SubView(weight * elements, elements);
    }

    /// <summary>Sums the partial sums of a weight over the batch, in an order that the shape alone decides.</summary>
    /// <param name="stream">The stream of the call.</param>
    /// <param name="partials">[B, H].</param>
    /// <param name="weightGradient">[H], written; nothing is done where it is empty.</param>
    /// <param name="batch">Rows of the batch.</param>
    public void Sum<T>(AcceleratorStream stream, ArrayView<T> partials, ArrayView<T> weightGradient, long batch)
        where T : unmanaged
    {
        if (weightGradient.Length != 0)
            LoadSum<T>()(stream, Threads(1), partials, weightGradient, batch);
    }

    /// <summary>Releases the shared buffers. Work that uses them must have ended.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            isDisposed = true;
            foreach (var buffer in scratch.Values)
                buffer.Dispose();
            scratch.Clear();
            zeros?.Dispose();
            zeros = null;
        }
    }

    private Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, long> LoadSum<T>()
        where T : unmanaged =>
        Load<Action<AcceleratorStream, KernelConfig, ArrayView<T>, ArrayView<T>, long>>(
            typeof(T) == typeof(double) ? BatchSum.Double : BatchSum.Single);
}
