using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;

namespace MinRnn.Inference;

/// <summary>What one call of a model works with: the features of a tile, and room for what lies between.</summary>
internal sealed unsafe class ModelWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly NativeBuffer<T> features;
    private readonly NativeBuffer<T> inner;
    private readonly NativeBuffer<T> window;
    private readonly NativeBuffer<T> wide;
    private readonly NativeBuffer<T> hidden;

    /// <param name="model">The model.</param>
    /// <param name="widest">Elements that a block's widest matrix gives.</param>
    public ModelWorkspace(SequenceDescription model, int widest)
    {
        const long Rows = Tiles.Rows;
        features = new NativeBuffer<T>(Rows * model.Width);
        inner = new NativeBuffer<T>(Rows * model.Width);
        window = new NativeBuffer<T>((Rows + model.ConvolutionWidth) * model.Width);
        wide = new NativeBuffer<T>(Rows * widest);
        hidden = new NativeBuffer<T>(Rows * model.Layer.HiddenSize);
    }

    public Multiplication<T> Multiplication { get; } = new();

    /// <summary>[tile, W], from block to block.</summary>
    public T* Features => features.Start;

    /// <summary>[tile, W], normalised.</summary>
    public T* Inner => inner.Start;

    /// <summary>[K - 1 + steps, W], what a convolution sees of one sequence.</summary>
    public T* Window => window.Start;

    /// <summary>[tile, P·H] pre-activations, then the hidden features of the MLP.</summary>
    public T* Wide => wide.Start;

    /// <summary>[tile, H], the recurrence's output.</summary>
    public T* Hidden => hidden.Start;
}
