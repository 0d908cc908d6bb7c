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

    /// <summary>[Q·N, K]: the span's shared pre-activations, biases added.</summary>
    public ref T Shared;

    /// <summary>[R, width]: biases, then weights.</summary>
    public ref T Parameters;

    /// <summary>Rows of width: what depends on weights alone.</summary>
    public ref T Prepared;

    /// <summary>[S·N, width], carried forward.</summary>
    public ref T State;

    /// <summary>[K, <see cref="IVectorStateKernels{T}.ValueRows"/>, lanes]: what the elements of a step share and add up to.</summary>
    public ref T Values;

    /// <summary>[K, <see cref="IVectorStateKernels{T}.KeptRows"/>, lanes]: an element's states before each step, and what else its adjoint reads.</summary>
    public ref T Kept;

    /// <summary>[S·N, width], carried backward.</summary>
    public ref T StateGradient;

    /// <summary>[R, width], added to.</summary>
    public ref T ParameterGradient;

    /// <summary>[Q·N, K, lanes], added to.</summary>
    public ref T SharedSums;

    /// <summary>Elements from a row of the output's gradient to the next: H, or 0 where one row of zeros serves all.</summary>
    public int OutputGradientWidth;

    /// <summary>Whether time runs from the last row to the first.</summary>
    public bool Reverse;

    /// <summary>Rows of time, T.</summary>
    public long Time;

    /// <summary>The first step of the span, counted in the order of the recurrence.</summary>
    public long FirstStep;

    /// <summary>The span's steps, K at most.</summary>
    public nint Steps;

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

    /// <summary>The row of time at which a step of the span stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Row(nint step) => Reverse ? Time - 1 - (FirstStep + step) : FirstStep + step;
}

/// <summary>Rows of whole vectors, one row for each step of a span.</summary>
public static class StepRows
{
    /// <summary>The row of a step, of rows of some vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T At<T>(ref T rows, nint step, int vectors)
        where T : unmanaged => ref Unsafe.Add(ref rows, step * (vectors * Vector<T>.Count));

    /// <summary>Reads a vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load<T>(ref T row, int index)
        where T : unmanaged => Vector.LoadUnsafe(ref Unsafe.Add(ref row, index * Vector<T>.Count));

    /// <summary>Writes a vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector<T> value, ref T row, int index)
        where T : unmanaged => value.StoreUnsafe(ref Unsafe.Add(ref row, index * Vector<T>.Count));
}
