using System.Numerics;
using MinRnn.Kernels;
using MinRnn.Kernels.Rows;
using MinRnn.Torch.Autograd;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>A causal depthwise convolution as one differentiable operation on the CPU.</summary>
internal static unsafe class ConvolutionFunction
{
    /// <summary>Convolves [B, T, W], or the sequences in [rows, W], with [K, W] and [W]; all of the same type, 32 or 64 bits.</summary>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor bias, ScanSequences? sequences = null)
    {
        BackwardFailure.ThrowPending();

        // Copies of strided tensors, where there are any, are part of the graph.
        using var scope = NewDisposeScope();
        var (source, factors, offsets) = (Contiguous(input)!, Contiguous(weight)!, Contiguous(bias)!);
        Tensor[] outputs = [empty_like(source)];
        var segments = new ScanSegments(source.size(0), source.size(1), sequences);
        if (source.dtype == ScalarType.Float64)
            Forward<double>(source, factors, offsets, outputs[0], segments);
        else
            Forward<float>(source, factors, offsets, outputs[0], segments);

        if (AutogradNode.IsWanted(source, factors, offsets))
            new Node(segments).Attach([source, factors, offsets], outputs, saved: [0, 1]);
        return outputs[0].MoveToOuterDisposeScope();
    }

    private static void Forward<T>(Tensor input, Tensor weight, Tensor bias, Tensor output, ScanSegments segments)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (width, taps) = ((int)weight.size(1), (int)weight.size(0));
        var (x, w, b, y) = (Address(input), Address(weight), Address(bias), Address(output));
        new RowBlocks(segments.Rows, width).Run((_, first, end) =>
        {
            for (var index = segments.AtRow(first); first < end; index++)
            {
                var segment = segments[index];
                var next = long.Min(end, segment.FirstRow + segment.Steps);
                ConvolutionKernel<T>.Forward((T*)x, (T*)w, (T*)b, (T*)y, first, next, segment.FirstRow, width, taps);
                first = next;
            }
        });
        GC.KeepAlive((input, weight, bias, output));
    }

    private sealed class Node(ScanSegments segments) : AutogradNode
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

        private Tensor Backward<T>(Tensor input, Tensor weight, Tensor gradient, Tensor inputGradient)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (width, taps) = ((int)weight.size(1), (int)weight.size(0));
            var blocks = new RowBlocks(segments.Rows, width);
            var partial = zeros(blocks.Count, taps + 1, width, dtype: weight.dtype, device: CPU);
            var share = (taps + 1L) * width;
            var (x, w, dy, dx, dp) = (Address(input), Address(weight), Address(gradient), Address(inputGradient), Address(partial));
            blocks.Run((block, first, end) =>
            {
                for (var index = segments.AtRow(first); first < end; index++)
                {
                    var segment = segments[index];
                    var stop = segment.FirstRow + segment.Steps;
                    var next = long.Min(end, stop);
                    ConvolutionKernel<T>.Backward((T*)x, (T*)w, (T*)dy, (T*)dx, (T*)dp + (block * share), first, next, stop, width, taps);
                    first = next;
                }
            });
            return partial.sum([0L]);
        }
    }
}
