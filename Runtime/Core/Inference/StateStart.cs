using System.Numerics;
using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Inference;

/// <summary>
/// How the caller holds states. Zeros are the start of every cell; so a state that a cell starts elsewhere than at 0 is held with its bits
/// exclusive-or those of the constant, which loses nothing, and leaves all other states as they are.
/// </summary>
internal sealed unsafe class StateStart<T>
    where T : unmanaged, INumber<T>
{
    private readonly T[] constants;
    private readonly int channels;
    private readonly bool isPlain;

    public StateStart(ScanShape shape)
    {
        constants = [.. shape.InitialStates.Select(T.CreateChecked)];
        channels = shape.Channels;
        isPlain = MemoryMarshal.AsBytes(constants.AsSpan()).IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>Turns what the caller holds, [S, H], into states, and states into what the caller holds.</summary>
    public void Toggle(T* state)
    {
        if (isPlain)
            return;
        for (var i = 0; i < constants.Length; i++)
        {
            var row = new Span<T>(state + ((nint)i * channels), channels);
            if (typeof(T) == typeof(double))
                Toggle<ulong>(MemoryMarshal.Cast<T, ulong>(row), MemoryMarshal.Cast<T, ulong>(constants.AsSpan(i, 1))[0]);
            else
                Toggle<uint>(MemoryMarshal.Cast<T, uint>(row), MemoryMarshal.Cast<T, uint>(constants.AsSpan(i, 1))[0]);
        }
    }

    private static void Toggle<TBits>(Span<TBits> row, TBits constant)
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        foreach (ref var bits in row)
            bits ^= constant;
    }
}
