using System.Numerics;
using MinRnn.Kernels.Rows;
using MinRnn.Torch.Autograd;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>Normalisation of rows as one differentiable operation on the CPU: layer norm with a bias, root-mean-square norm without.</summary>
internal static unsafe class NormFunction
{
    /// <summary>Normalises the last dimension; all tensors are of the same type, 32 or 64 bits.</summary>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor? bias, double epsilon)
    {
        BackwardFailure.ThrowPending();

        // Copies of strided tensors, where there are any, are part of the graph.
        using var scope = NewDisposeScope();
        var (source, factors, offsets) = (Contiguous(input)!, Contiguous(weight)!, Contiguous(bias));
        Tensor[] outputs = [empty_like(source)];
        if (source.dtype == ScalarType.Float64)
            Forward<double>(source, factors, offsets, outputs[0], epsilon);
        else
            Forward<float>(source, factors, offsets, outputs[0], epsilon);

        if (AutogradNode.IsWanted(source, factors, offsets))
            new Node(offsets is not null, epsilon).Attach([source, factors, offsets], outputs, saved: [0, 1]);
        return outputs[0].MoveToOuterDisposeScope();
    }

    private static void Forward<T>(Tensor input, Tensor weight, Tensor? bias, Tensor output, double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var width = (int)weight.size(0);
        var rows = input.numel() / width;
        var (x, w, b, y) = (Address(input), Address(weight), bias is null ? 0 : Address(bias), Address(output));
        new RowBlocks(rows, width).Run((_, first, end) =>
            NormKernel<T>.Forward((T*)x, (T*)w, (T*)b, (T*)y, first, end, width, epsilon));
        GC.KeepAlive((input, weight, bias, output));
    }

    private sealed class Node(bool hasBias, double epsilon) : AutogradNode
    {
        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            if (outputGradients[0] is null)
                return;
            var (input, weight, gradient) = (saved[0]!, saved[1]!, Contiguous(outputGradients[0])!);
            var inputGradient = empty_like(input);
            var parameterGradients = input.dtype == ScalarType.Float64
                ? Backward<double>(input, weight, gradient, inputGradient)
                : Backward<float>(input, weight, gradient, inputGradient);
            (inputGradients[0], inputGradients[1]) = (inputGradient, parameterGradients.select(0, 0));
            if (hasBias)
                inputGradients[2] = parameterGradients.select(0, 1);
        }

        /// <summary>Writes the input's gradient, and returns those of the weight and of a bias, one below the other.</summary>
        private Tensor Backward<T>(Tensor input, Tensor weight, Tensor gradient, Tensor inputGradient)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var width = (int)weight.size(0);
            var rows = input.numel() / width;
            var blocks = new RowBlocks(rows, width);
            var parameters = hasBias ? 2 : 1;
            var partial = zeros(blocks.Count, parameters, width, dtype: weight.dtype, device: CPU);
            var (x, w, dy, dx, dp) = (Address(input), Address(weight), Address(gradient), Address(inputGradient), Address(partial));
            blocks.Run((block, first, end) =>
            {
                var dw = (T*)dp + ((long)block * parameters * width);
                NormKernel<T>.Backward((T*)x, (T*)w, (T*)dy, (T*)dx, dw, hasBias ? dw + width : null, first, end, width, epsilon);
            });
            return partial.sum([0L]);
        }
    }
}
