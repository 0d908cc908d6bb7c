using System.Numerics;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>The base of generated inference classes of layers that go forward in time, and so step by step too.</summary>
/// <inheritdoc cref="LayerInference{T}"/>
public abstract class ForwardLayerInference<T> : LayerInference<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int inputSize;

    /// <inheritdoc cref="LayerInference{T}(LayerDescription, SafetensorsFile, InferenceOptions)"/>
    protected ForwardLayerInference(LayerDescription layer, SafetensorsFile file, InferenceOptions? options)
        : base(layer, file, options)
    {
        inputSize = layer.InputSize;
    }

    /// <summary>
    /// Runs one time step of a batch of sequences, which is as large as the input has rows. Nothing is allocated, but that .NET's thread pool
    /// may grow where there is work enough for several threads.
    /// </summary>
    /// <param name="input">[B, D].</param>
    /// <param name="state">The states before the step, zeros at first; replaced by those after it.</param>
    /// <param name="output">[B, H]; written.</param>
    /// <exception cref="ArgumentException">A span has not as many elements as its shape, or one that is written overlaps another.</exception>
    public void Step(ReadOnlySpan<T> input, Span<T> state, Span<T> output) =>
        Forward(input, state, output, SpanCheck.Rows(input, nameof(input), inputSize), 1);
}
