using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>How elements in memory become the numbers that kernels compute with. Kernels take it as a type, so it costs nothing.</summary>
/// <typeparam name="T">An element.</typeparam>
/// <typeparam name="TReal"><see cref="float"/>, or <see cref="double"/> for elements of double precision.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Kernels reach it through a type parameter.")]
public interface IStorage<T, TReal>
    where T : unmanaged
    where TReal : unmanaged
{
    /// <summary>The number that an element stands for.</summary>
    static abstract TReal Value(T element);

    /// <summary>Reads an element.</summary>
    static abstract TReal Load(ArrayView<T> view, long index);

    /// <summary>Writes an element, rounded to the nearest, ties to even.</summary>
    static abstract void Store(ArrayView<T> view, long index, TReal value);
}

/// <summary>A storage that moves the elements of four neighbouring channels in one access, where memory is aligned to it.</summary>
/// <typeparam name="T">An element.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Kernels reach it through a type parameter.")]
public interface IQuadStorage<T> : IStorage<T, float>
    where T : unmanaged
{
    /// <summary>Reads four elements, the first at a multiple of four.</summary>
    static abstract Quad LoadQuad(ArrayView<T> view, long index);

    /// <summary>Writes four elements, the first at a multiple of four.</summary>
    static abstract void StoreQuad(ArrayView<T> view, long index, Quad values);
}
