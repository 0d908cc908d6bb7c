using System.Numerics;
using MinRnn.Kernels;
using MinRnn.Kernels.Rows;

namespace MinRnn.Inference;

/// <summary>One norm of a model, of the kind that the model is declared with.</summary>
/// <param name="model">The model.</param>
/// <param name="source">Where its parameters are.</param>
/// <param name="name">The norm's name in the model.</param>
internal sealed unsafe class NormInference<T>(SequenceDescription model, ParameterSource<T> source, string name)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int width = model.Width;
    private readonly NativeBuffer<T>? weight = model.Normalization == Normalization.None ? null : source.Read(name + ".weight");
    private readonly NativeBuffer<T>? bias = model.Normalization == Normalization.Layer ? source.Read(name + ".bias") : null;

    /// <summary>Writes the normalised rows; the rows themselves where the model has no norms.</summary>
    public void Run(T* input, T* output, int rows)
    {
        if (weight is null)
            new Span<T>(input, rows * width).CopyTo(new Span<T>(output, rows * width));
        else
            NormKernel<T>.Forward(input, weight.Start, bias is null ? null : bias.Start, output, 0, rows, width, SequenceDescription.NormEpsilon);
    }
}
