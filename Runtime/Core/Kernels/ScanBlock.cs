using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

/// <summary>
/// What a CPU kernel works on: one row of the batch, a range of channels, a span of steps. References are to the row's first
/// element; those that a cell has no use for are null.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields, not properties, for the JIT's sake.")]
public ref struct ScanBlock<T>
    where T : unmanaged
{
    /// <summary>[T, P·H].</summary>
    public ref T Preactivations;

    /// <summary>[R, H]: biases, then weights.</summary>
    public ref T Parameters;

    /// <summary>[T, H].</summary>
    public ref T Input;

    /// <summary>[S, H], the states before the first step of time.</summary>
    public ref T InitialState;

    /// <summary>[S, H], carried forward.</summary>
    public ref T State;

    /// <summary>[T, H].</summary>
    public ref T Output;

    /// <summary>[T, S, H].</summary>
    public ref T States;

    /// <summary>Rows of <see cref="OutputGradientWidth"/> elements.</summary>
    public ref T OutputGradient;

    /// <summary>[S, H], carried backward.</summary>
    public ref T StateGradient;

    /// <summary>[T, P·H].</summary>
    public ref T PreactivationGradient;

    /// <summary>[T, H].</summary>
    public ref T InputGradient;

    /// <summary>[R, H], added to.</summary>
    public ref T ParameterGradient;

    /// <summary>[S, S, H], what a summary multiplies the states by; it starts as the identity.</summary>
    public ref T Transition;

    /// <summary>[S, H], what a summary adds to them; it starts as 0.</summary>
    public ref T Offset;

    /// <summary>Elements from a row of the output's gradient to the next: H, or 0 where one row of zeros serves all.</summary>
    public int OutputGradientWidth;

    /// <summary>Whether a forward scan keeps the states of every step.</summary>
    public bool SavesStates;

    /// <summary>Whether time runs from the last row to the first.</summary>
    public bool Reverse;

    /// <summary>Rows of time, T.</summary>
    public long Time;

    /// <summary>The first step of the span, counted in the order of the recurrence.</summary>
    public long FirstStep;

    /// <summary>The step after the span.</summary>
    public long EndStep;

    /// <summary>
    /// Rows from the current one to the one to prefetch, negative when rows are walked from the last to the first. Rows of
    /// several projections are streams that hardware prefetchers lose between their ends.
    /// </summary>
    public nint RowsAhead;

    /// <summary>The first channel.</summary>
    public int FirstChannel;

    /// <summary>The channel after the last.</summary>
    public int EndChannel;

    /// <summary>Channels of a partial vector.</summary>
    public int Lanes;

    /// <summary>The row of time at which a step stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long Row(long step) => Reverse ? Time - 1 - step : step;
}

/// <summary>Address arithmetic of kernels, in 64 bits whatever the user's overflow checks.</summary>
public static class Buffers
{
    /// <summary>The first element of a row of a matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T Row<T>(ref T matrix, long row, int width) => ref Unsafe.Add(ref matrix, (nint)Offset(row, width));

    /// <summary>The elements before a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Offset(long row, int width) => unchecked(row * width);
}
