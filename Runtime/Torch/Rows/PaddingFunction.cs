using System.Runtime.InteropServices;
using MinRnn.Kernels;
using MinRnn.Torch.Autograd;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>
/// Takes the rows of sequences out of their padding, [rows, …] to fewer, and puts them back among zeros. On the CPU each is one
/// differentiable operation, and the adjoint of the other.
/// </summary>
/// <param name="padded">Where the sequences lie with their padding.</param>
/// <param name="compact">The same without it.</param>
internal sealed class PaddingFunction(ScanSequences padded, ScanSequences compact)
{
    /// <summary>Rows of sequences alone.</summary>
    public Tensor Remove(Tensor input) => input.device_type == DeviceType.CPU ? Apply(input, adds: false) : RemoveByOperators(input);

    /// <summary>The same rows among padding of zeros.</summary>
    public Tensor Add(Tensor input) => input.device_type == DeviceType.CPU ? Apply(input, adds: true) : AddByOperators(input);

    /// <summary><see cref="Remove"/> as operators of torch, which run on every device.</summary>
    internal Tensor RemoveByOperators(Tensor input)
    {
        using var rows = PaddedRows(input.device);
        return input.index_select(0, rows);
    }

    /// <summary><see cref="Add"/> as operators of torch.</summary>
    internal Tensor AddByOperators(Tensor input)
    {
        using var rows = PaddedRows(input.device);
        using var target = zeros([padded.Rows, .. input.shape[1..]], input.dtype, input.device);
        return target.index_copy(0, rows, input);
    }

    /// <summary>Where each row without padding lies among those with it.</summary>
    private Tensor PaddedRows(Device device)
    {
        var rows = new long[compact.Rows];
        for (var i = 0; i < compact.Segments.Length; i++)
        {
            var (from, to) = (padded.Segments[i].FirstRow, compact.Segments[i]);
            for (long step = 0; step < to.Steps; step++)
                rows[to.FirstRow + step] = from + step;
        }

        return tensor(rows, device: device);
    }

    private Tensor Apply(Tensor input, bool adds)
    {
        BackwardFailure.ThrowPending();
        var source = Contiguous(input)!;
        Tensor[] outputs = [Move(source, adds)];
        if (AutogradNode.IsWanted(source))
            new Node(this, adds).Attach([source], outputs, saved: []);
        if (!ReferenceEquals(source, input))
            source.Dispose();
        return outputs[0];
    }

    private unsafe Tensor Move(Tensor source, bool adds)
    {
        var shape = source.shape;
        shape[0] = (adds ? padded : compact).Rows;
        var target = empty(shape, source.dtype, source.device);
        var width = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        var bytes = width * source.element_size();
        byte* from = (byte*)Address(source), to = (byte*)Address(target);
        new RowBlocks(padded.Rows, width).Run((_, first, end) =>
        {
            foreach (var run in Runs(first, end))
            {
                var length = run.Rows * bytes;
                if (!adds && !run.IsPadding)
                    Buffer.MemoryCopy(from + (run.Padded * bytes), to + (run.Compact * bytes), length, length);
                else if (adds && !run.IsPadding)
                    Buffer.MemoryCopy(from + (run.Compact * bytes), to + (run.Padded * bytes), length, length);
                else if (adds)
                    NativeMemory.Clear(to + (run.Padded * bytes), (nuint)length);
            }
        });
        GC.KeepAlive((source, target));
        return target;
    }

    /// <summary>Runs of rows of sequences and of padding between two padded rows.</summary>
    private IEnumerable<(long Padded, long Compact, long Rows, bool IsPadding)> Runs(long first, long end)
    {
        for (var index = padded.IndexOf(first); index < padded.Segments.Length && first < end; index++)
        {
            var (segment, at) = (padded.Segments[index], compact.Segments[index].FirstRow);
            var (within, padding) = (segment.FirstRow + segment.Steps, segment.FirstRow + segment.Steps + segment.Padding);
            if (first < within)
            {
                var rows = long.Min(end, within) - first;
                yield return (first, at + first - segment.FirstRow, rows, false);
                first += rows;
            }

            if (first < long.Min(end, padding))
            {
                var rows = long.Min(end, padding) - first;
                yield return (first, 0, rows, true);
                first += rows;
            }
        }
    }

    private sealed class Node(PaddingFunction function, bool adds) : AutogradNode
    {
        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            if (outputGradients[0] is { } gradient)
                inputGradients[0] = function.Move(Contiguous(gradient)!, !adds);
        }
    }
}
