using System.Numerics;
using System.Runtime.Intrinsics;

namespace MinRnn.Inference.Matrices;

/// <summary>How weights of a panel are stored, and become vectors of the arithmetic.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal unsafe interface IWeightFormat<T>
    where T : unmanaged
{
    /// <summary>Bytes of a weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>Reads a vector of weights, the given one of a column.</summary>
    static abstract Vector<T> Load(byte* weights, int vector);

    /// <summary>Reads the column of a wide panel as two vectors of 512 bits, where the processor has them.</summary>
    static abstract void Load(byte* weights, out Vector512<T> w0, out Vector512<T> w1);

    /// <summary>An output from a sum of products.</summary>
    static abstract Vector<T> Finish(Vector<T> sum, Vector<T> scale, Vector<T> bias);
}
