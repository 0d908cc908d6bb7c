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

    /// <summary>[R, width]: biases, then weights.</summary>
    public ref T Parameters;

    /// <summary>Rows of width: what depends on weights alone.</summary>
    public ref T Prepared;

    /// <summary>[S·N, width], carried forward.</summary>
    public ref T State;

    /// <summary>
    /// A row of <see cref="StepRows"/> for each step of the span. Of a vector of channels: what the elements share and add up to; of one
    /// element, backward: its states before the step, and what else its adjoint reads; of all channels: the sums of the gradients of the shared
    /// pre-activations, and these themselves, biases added.
    /// </summary>
    public ref T Rows;

    /// <summary>[S·N, width], carried backward.</summary>
    public ref T StateGradient;

    /// <summary>[R, width], added to.</summary>
    public ref T ParameterGradient;

    /// <summary>[S·S·N, width], of a summary: what the steps so far make of the states, or of their gradients.</summary>
    public ref T Transition;

    /// <summary>[S·N, width], of a summary: what they add.</summary>
    public ref T Offset;

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

    /// <summary>Rows from a step to the same one of the span that a kernel takes next.</summary>
    public nint RowsAhead;

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

/// <summary>
/// Rows of whole vectors and single numbers after them, one row for each step of a span. All that a step reads and writes is at a fixed
/// distance from one address.
/// </summary>
public static class StepRows
{
    /// <summary>Elements from a row to the next.</summary>
    /// <param name="vectors">Vectors of a row.</param>
    /// <param name="numbers">Numbers after them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size<T>(int vectors, int numbers)
        where T : unmanaged => (vectors + ((numbers + Vector<T>.Count - 1) / Vector<T>.Count)) * Vector<T>.Count;

    /// <summary>The row of a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T At<T>(ref T rows, nint step, int vectors, int numbers)
        where T : unmanaged => ref Unsafe.Add(ref rows, step * Size<T>(vectors, numbers));

    /// <summary>Reads a vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load<T>(ref T row, int index)
        where T : unmanaged => Vector.LoadUnsafe(ref Unsafe.Add(ref row, index * Vector<T>.Count));

    /// <summary>Writes a vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector<T> value, ref T row, int index)
        where T : unmanaged => value.StoreUnsafe(ref Unsafe.Add(ref row, index * Vector<T>.Count));

    /// <summary>The first lane of a vector of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T LanesOf<T>(ref T row, nint index)
        where T : unmanaged => ref Unsafe.Add(ref row, index * Vector<T>.Count);

    /// <summary>A number behind the vectors of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T Number<T>(ref T row, int vectors, nint index)
        where T : unmanaged => ref Unsafe.Add(ref row, (vectors * Vector<T>.Count) + index);
}
