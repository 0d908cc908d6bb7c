using System.Numerics;
using System.Runtime.CompilerServices;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;

namespace MinRnn.Inference;

/// <summary>Functions of single elements.</summary>
internal static unsafe class Activation<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Replaces elements by their exact GELU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(T* values, nint count)
    {
        nint i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            Arithmetic<T>.Gelu(Vector.Load(values + i)).Store(values + i);
        if (i < count)
        {
            var lanes = (int)(count - i);
            PartialLanes<T>.Store(Arithmetic<T>.Gelu(PartialLanes<T>.Load(ref *values, i, lanes)), ref *values, i, lanes);
        }
    }
}
