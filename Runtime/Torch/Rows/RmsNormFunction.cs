using System.Numerics;
using MinRnn.Kernels.Rows;
using MinRnn.Torch.Autograd;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>Root-mean-square normalisation as one differentiable operation on the CPU.</summary>
internal static unsafe class RmsNormFunction
{
    /// <summary>Normalises the last dimension; both tensors are of the same type, 32 or 64 bits.</summary>
    public static Tensor Apply(Tensor input, Tensor weight, double epsilon)
    {
        BackwardFailure.ThrowPending();
        var source = Contiguous(input)!;
        Tensor[] outputs = [empty_like(source)];
        if (source.dtype == ScalarType.Float64)
            Forward<double>(source, weight, outputs[0], epsilon);
        else
            Forward<float>(source, weight, outputs[0], epsilon);

        if (AutogradNode.IsWanted(source, weight))
            new Node(epsilon).Attach([source, weight], outputs, saved: [0, 1]);
        if (!ReferenceEquals(source, input))
            source.Dispose();
        return outputs[0];
    }

    private static void Forward<T>(Tensor input, Tensor weight, Tensor output, double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var width = (int)weight.size(0);
        var rows = input.numel() / width;
        var (x, w, y) = (Address(input), Address(weight), Address(output));
        new RowBlocks(rows, width).Run((_, first, end) =>
            RmsNormKernel<T>.Forward((T*)x, (T*)w, (T*)y, first, end, width, epsilon));
        GC.KeepAlive((input, weight, output));
    }

    private sealed class Node(double epsilon) : AutogradNode
    {
        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            if (outputGradients[0] is null)
                return;
            var (input, weight, gradient) = (saved[0]!, saved[1]!, Contiguous(outputGradients[0])!);
            var inputGradient = empty_like(input);
            var weightGradient = input.dtype == ScalarType.Float64
                ? Backward<double>(input, weight, gradient, inputGradient)
                : Backward<float>(input, weight, gradient, inputGradient);
            (inputGradients[0], inputGradients[1]) = (inputGradient, weightGradient);
        }

        private Tensor Backward<T>(Tensor input, Tensor weight, Tensor gradient, Tensor inputGradient)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var width = (int)weight.size(0);
            var rows = input.numel() / width;
            var blocks = new RowBlocks(rows, width);
            var partial = zeros(blocks.Count, width, dtype: weight.dtype);
            var (x, w, dy, dx, dw) = (Address(input), Address(weight), Address(gradient), Address(inputGradient), Address(partial));
            blocks.Run((block, first, end) => RmsNormKernel<T>.Backward(
                (T*)x, (T*)w, (T*)dy, (T*)dx, (T*)dw + ((long)block * width), first, end, width, epsilon));
            return partial.sum([0L]);
        }
    }
}
