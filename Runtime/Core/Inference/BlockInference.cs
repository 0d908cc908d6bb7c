using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;
using MinRnn.Kernels.Rows;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>One block of a sequence model, as the module of the same structure computes it, without dropout.</summary>
internal sealed unsafe class BlockInference<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int width;
    private readonly int taps;
    private readonly NormInference<T> norm;
    private readonly NativeBuffer<T>? convolution;
    private readonly NativeBuffer<T>? convolutionBias;
    private readonly Recurrence<T> recurrence;
    private readonly LinearMap<T> projection;
    private readonly NormInference<T>? mlpNorm;
    private readonly LinearMap<T>? expand;
    private readonly LinearMap<T>? contract;

    public BlockInference(SequenceDescription model, ParameterSource<T> source, int block)
    {
        var name = Prefix(block);
        (width, taps) = (model.Width, model.ConvolutionWidth);
        norm = new NormInference<T>(model, source, name + "norm");
        if (taps > 0)
            (convolution, convolutionBias) = (source.Read(name + "convolution.weight"), source.Read(name + "convolution.bias"));
        recurrence = Recurrence<T>.Load(model.Layer, source, name + "layer.")[0];
        projection = source.Map(name + "projection.weight", name + "projection.bias");
        if (model.MlpRatio == 0)
            return;
        mlpNorm = new NormInference<T>(model, source, name + "mlp_norm");
        expand = source.Map(name + "mlp.expand.weight", name + "mlp.expand.bias");
        contract = source.Map(name + "mlp.contract.weight", name + "mlp.contract.bias");
    }

    /// <summary>Elements of a sequence's state: the inputs that the convolution still sees, then the cell's states.</summary>
    public int StateSize => CacheSize + recurrence.StateSize;

    /// <summary>Elements of a step that its widest matrix gives.</summary>
    public int Widest => int.Max(recurrence.Map.Rows, expand?.Rows ?? 0);

    private int CacheSize => int.Max(0, taps - 1) * width;

    /// <summary>The parameters of a block.</summary>
    public static IEnumerable<WantedParameter> Wanted(SequenceDescription model, int block)
    {
        var name = Prefix(block);
        long width = model.Width, hidden = model.Layer.HiddenSize, mlp = width * model.MlpRatio;
        foreach (var parameter in WantedParameters.OfNorm(model, name + "norm"))
            yield return parameter;
        if (model.ConvolutionWidth > 0)
        {
            yield return new WantedParameter(name + "convolution.weight", model.ConvolutionWidth, width);
            yield return new WantedParameter(name + "convolution.bias", width);
        }

        foreach (var parameter in WantedParameters.Of(model.Layer, name + "layer."))
            yield return parameter;
        yield return new WantedParameter(name + "projection.weight", width, hidden);
        yield return new WantedParameter(name + "projection.bias", width);
        if (model.MlpRatio == 0)
            yield break;
        foreach (var parameter in WantedParameters.OfNorm(model, name + "mlp_norm"))
            yield return parameter;
        yield return new WantedParameter(name + "mlp.expand.weight", mlp, width);
        yield return new WantedParameter(name + "mlp.expand.bias", mlp);
        yield return new WantedParameter(name + "mlp.contract.weight", width, mlp);
        yield return new WantedParameter(name + "mlp.contract.bias", width);
    }

    /// <summary>Runs the block over a tile of features, in place.</summary>
    /// <param name="workspace">Features [rows · steps, W], and room for what lies between.</param>
    /// <param name="state">The first sequence's state of this block.</param>
    /// <param name="stateStride">Elements from one sequence's to the next's.</param>
    /// <param name="rows">Sequences.</param>
    /// <param name="steps">Steps of each.</param>
    public void Run(ModelWorkspace<T> workspace, T* state, nint stateStride, int rows, int steps)
    {
        T* x = workspace.Features, inner = workspace.Inner, wide = workspace.Wide, hidden = workspace.Hidden;
        var count = rows * steps;
        if (taps == 0)
        {
            norm.Run(x, inner, count);
        }
        else
        {
            for (var row = 0; row < rows; row++)
                Convolve(workspace.Window, x + ((nint)row * steps * width), state + (row * stateStride), inner + ((nint)row * steps * width), steps);
        }

        workspace.Multiplication.Run(recurrence.Map, inner, wide, count);
        for (var row = 0; row < rows; row++)
        {
            var place = (nint)row * steps;
            recurrence.Scan(
                wide + (place * recurrence.Map.Rows),
                inner + (place * width),
                state + (row * stateStride) + CacheSize,
                hidden + (place * projection.Columns),
                steps);
        }

        workspace.Multiplication.Run(projection, hidden, x, count, adds: true);
        if (expand is not null)
        {
            mlpNorm!.Run(x, inner, count);
            workspace.Multiplication.Run(expand, inner, wide, count);
            Activation<T>.Gelu(wide, (nint)count * expand.Rows);
            workspace.Multiplication.Run(contract!, wide, x, count, adds: true);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Norm and convolution of one sequence, whose state holds the last inputs of the convolution, the oldest first.</summary>
    private void Convolve(T* window, T* features, T* cache, T* output, int steps)
    {
        var past = taps - 1;
        var now = window + ((nint)past * width);
        Copy(cache, window, CacheSize);
        norm.Run(features, now, steps);

        // The window is a sequence whose first rows only serve as the past of the others.
        ConvolutionKernel<T>.Forward(
            window, convolution!.Start, convolutionBias!.Start, output - ((nint)past * width), past, past + steps, 0, width, taps);
        Copy(window + ((nint)steps * width), cache, CacheSize);
    }

    private static void Copy(T* from, T* to, int count) => new Span<T>(from, count).CopyTo(new Span<T>(to, count));

    private static string Prefix(int block) => $"blocks.{block}.";
}
