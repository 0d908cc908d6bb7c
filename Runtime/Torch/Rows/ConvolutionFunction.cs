using System.Numerics;
using MinRnn.Torch.Autograd;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>A causal depthwise convolution as one differentiable operation on the CPU.</summary>
internal static unsafe class ConvolutionFunction
{
    /// <summary>Convolves [B, T, W] with [K, W] and [W]; all of the same type, 32 or 64 bits.</summary>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor bias)
    {
        BackwardFailure.ThrowPending();
        var source = Contiguous(input)!;
        Tensor[] outputs = [empty_like(source)];
        if (source.dtype == ScalarType.Float64)
            Forward<double>(source, weight, bias, outputs[0]);
        else
            Forward<float>(source, weight, bias, outputs[0]);

        if (AutogradNode.IsWanted(source, weight, bias))
            new Node().Attach([source, weight, bias], outputs, saved: [0, 1]);
        if (!ReferenceEquals(source, input))
            source.Dispose();
        return outputs[0];
    }

    private static void Forward<T>(Tensor input, Tensor weight, Tensor bias, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (time, width, taps) = (input.size(1), (int)input.size(2), (int)weight.size(0));
        var (x, w, b, y) = (Address(input), Address(weight), Address(bias), Address(output));
        new RowBlocks(input.size(0) * time, width).Run((_, first, end) =>
            ConvolutionKernel<T>.Forward((T*)x, (T*)w, (T*)b, (T*)y, first, end, time, width, taps));
        GC.KeepAlive((input, weight, bias, output));
    }

    private sealed class Node : AutogradNode
    {
        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            if (outputGradients[0] is null)
                return;
            var (input, weight, gradient) = (saved[0]!, saved[1]!, Contiguous(outputGradients[0])!);
            var inputGradient = empty_like(input);
            var parameterGradient = input.dtype == ScalarType.Float64
                ? Backward<double>(input, weight, gradient, inputGradient)
                : Backward<float>(input, weight, gradient, inputGradient);
            var taps = weight.size(0);
            inputGradients[0] = inputGradient;
            inputGradients[1] = parameterGradient.narrow(0, 0, taps);
            inputGradients[2] = parameterGradient.select(0, taps);
        }

        private static Tensor Backward<T>(Tensor input, Tensor weight, Tensor gradient, Tensor inputGradient)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (time, width, taps) = (input.size(1), (int)input.size(2), (int)weight.size(0));
            var blocks = new RowBlocks(input.size(0) * time, width);
            var partial = zeros(blocks.Count, taps + 1, width, dtype: weight.dtype);
            var share = (taps + 1L) * width;
            var (x, w, dy, dx, dp) = (Address(input), Address(weight), Address(gradient), Address(inputGradient), Address(partial));
            blocks.Run((block, first, end) => ConvolutionKernel<T>.Backward(
                (T*)x, (T*)w, (T*)dy, (T*)dx, (T*)dp + (block * share), first, end, time, width, taps));
            return partial.sum([0L]);
        }
    }
}
