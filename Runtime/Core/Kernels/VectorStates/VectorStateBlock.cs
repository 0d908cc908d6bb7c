using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

/// <summary>
/// What a CPU kernel of a cell with vector states works on: one row of the batch, a range of channels, a span of steps. Tensors
/// are given by their row's first element. Matrices of the block have rows of its own <see cref="Width"/> channels alone: a channel
/// has dozens of rows, which at the distance of all channels would fall on one another in the cache.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields, not properties, for the JIT's sake.")]
public ref struct VectorStateBlock<T>
    where T : unmanaged
{
    /// <summary>[T, P·H + Q·N].</summary>
    public ref T Preactivations;

    /// <summary>[T, H].</summary>
    public ref T Input;

    /// <summary>[T, H].</summary>
    public ref T Output;

    /// <summary>Rows of <see cref="OutputGradientWidth"/> elements.</summary>
    public ref T OutputGradient;

    /// <summary>[T, P·H + Q·N], of which the kernels write the part of the channels.</summary>
    public ref T PreactivationGradient;

    /// <summary>[T, H].</summary>
    public ref T InputGradient;

    /// <summary>Rows of <see cref="SharedGradientWidth"/> elements, of which the first Q·N are added to.</summary>
    public ref T SharedGradient;

    /// <summary>[Q·N].</summary>
    public ref T SharedBias;

    /// <summary>[R, width]: biases, then weights.</summary>
    public ref T Parameters;

    /// <summary>Rows of width: what depends on weights alone.</summary>
    public ref T Prepared;

    /// <summary>[S·N, width], carried forward.</summary>
    public ref T State;

    /// <summary>[steps of the span, S·N, width]: the states before each.</summary>
    public ref T States;

    /// <summary>[S·N, width], carried backward.</summary>
    public ref T StateGradient;

    /// <summary>[R, width], added to.</summary>
    public ref T ParameterGradient;

    /// <summary>[Q·N, lanes], zeros between steps.</summary>
    public ref T SharedSums;

    /// <summary>Elements from a row of the output's gradient to the next: H, or 0 where one row of zeros serves all.</summary>
    public int OutputGradientWidth;

    /// <summary>Elements from a row of the shared gradient to the next.</summary>
    public int SharedGradientWidth;

    /// <summary>Whether time runs from the last row to the first.</summary>
    public bool Reverse;

    /// <summary>Rows of time, T.</summary>
    public long Time;

    /// <summary>The first step of the span, counted in the order of the recurrence.</summary>
    public long FirstStep;

    /// <summary>The step after the span.</summary>
    public long EndStep;

    /// <summary>The block's first channel.</summary>
    public int Origin;

    /// <summary>The block's channels.</summary>
    public int Width;

    /// <summary>The first channel that the kernel works on.</summary>
    public int FirstChannel;

    /// <summary>The channel after the last.</summary>
    public int EndChannel;

    /// <summary>Channels of a partial vector.</summary>
    public int Lanes;

    /// <summary>The row of time at which a step stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Row(long step) => Reverse ? Time - 1 - step : step;
}

/// <summary>What kernels of cells with vector states share.</summary>
public static class VectorStates
{
    /// <summary>Adds the lanes of each of some vectors to an element each, and sets the vectors to 0.</summary>
    public static void AddLanes<T>(ref T sums, ref T elements, int count)
        where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < count; i++)
        {
            ref var sum = ref Unsafe.Add(ref sums, i * Vector<T>.Count);
            Unsafe.Add(ref elements, i) += Vector.Sum(Vector.LoadUnsafe(ref sum));
            Vector<T>.Zero.StoreUnsafe(ref sum);
        }
    }
}
