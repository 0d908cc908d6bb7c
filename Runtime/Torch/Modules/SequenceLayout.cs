using MinRnn.Kernels;
using MinRnn.Torch.Rows;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// How the sequences of a call lie: in the tensors that the caller has, and in the rows that layers run on, which have no padding.
/// </summary>
internal sealed class SequenceLayout
{
    private readonly PaddingFunction? _padding;
    private readonly TensorCheck.Dimension[] _dimensions;

    private SequenceLayout(ScanSequences? sequences, params TensorCheck.Dimension[] dimensions)
    {
        (Sequences, _dimensions) = (sequences, dimensions);
        Inner = sequences is null || dimensions.Length == 1 ? this : new SequenceLayout(sequences, sequences.Rows);
    }

    private SequenceLayout(ScanSequences padded, long batch, long time)
    {
        (Sequences, _dimensions) = (padded.Compact(padsOutput: true), [batch, time]);
        var compact = padded.Compact(padsOutput: false);
        _padding = new PaddingFunction(padded, compact);
        Inner = new SequenceLayout(compact, compact.Rows);
    }

    /// <summary>The rows of a batch [B, T, …].</summary>
    public static SequenceLayout Plain { get; } = new(null, "B", "T");

    /// <summary>
    /// The sequences of one layer's scan, from the rows that layers run on to an output as the caller has it; null for the rows of a batch.
    /// </summary>
    public ScanSequences? Sequences { get; }

    /// <summary>The layout of the rows that layers run on themselves.</summary>
    public SequenceLayout Inner { get; }

    /// <summary>Builds what a caller describes.</summary>
    /// <param name="input">[B, T, …] or, with offsets, [total, …].</param>
    /// <param name="argument">Its name.</param>
    /// <param name="features">The sizes behind.</param>
    /// <param name="lengths">[B] steps of each sequence.</param>
    /// <param name="offsets">[N + 1] cumulative lengths.</param>
    /// <param name="resets">[B, T] or [total].</param>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape, type or device, or its values are.</exception>
    public static SequenceLayout Of(
        Tensor input, string argument, ReadOnlySpan<TensorCheck.Dimension> features, Tensor? lengths, Tensor? offsets, Tensor? resets)
    {
        if (lengths is null && offsets is null && resets is null)
            return Plain;
        if (lengths is not null && offsets is not null)
            throw new ArgumentException("lengths and offsets are both given: offsets already tell how long sequences are.", nameof(offsets));
        TensorCheck.RequireShape(input, argument, offsets is null ? ["B", "T", .. features] : ["total", .. features]);
        using var scope = NewDisposeScope();
        if (offsets is not null)
        {
            var rows = input.size(0);
            return new SequenceLayout(
                ScanSequences.Packed(Values<long>(offsets, nameof(offsets), input, ScalarType.Int64, "N + 1"), rows, Resets(resets, input, rows)),
                rows);
        }

        var (batch, time) = (input.size(0), input.size(1));
        if (lengths is null)
            return new SequenceLayout(ScanSequences.Full(Resets(resets, input, batch, time), batch, time), [batch, time]);
        var padded = ScanSequences.Padded(
            Values<long>(lengths, nameof(lengths), input, ScalarType.Int64, batch), time, Resets(resets, input, batch, time));
        if (padded.Steps == padded.Rows)
            return new SequenceLayout(resets is null ? null : padded, [batch, time]);
        return new SequenceLayout(padded, batch, time);
    }

    /// <summary>Requires a tensor of this layout, with features behind.</summary>
    /// <exception cref="ArgumentException">The tensor is disposed, or of another type, rank or size.</exception>
    public void Require(Tensor? tensor, string argument, ScalarType type, params ReadOnlySpan<TensorCheck.Dimension> features) =>
        TensorCheck.Require(tensor, argument, type, [.. _dimensions, .. features]);

    /// <summary>Rows of the states.</summary>
    public long States(Tensor input) => Sequences?.Count ?? input.size(0);

    /// <summary>The caller's tensor as the rows that layers run on.</summary>
    public Tensor Enter(Tensor input) => Sequences is null || Inner == this ? input
        : _padding is null ? input.flatten(0, 1)
        : _padding.Remove(input.flatten(0, 1));

    /// <summary>The output of a scan of <see cref="Sequences"/> in the caller's shape.</summary>
    public Tensor Leave(Tensor output) => Sequences is null || Inner == this ? output
        : output.unflatten(0, _dimensions[0].Size, _dimensions[1].Size);

    /// <summary>Rows that layers ran on as the caller has them, zero in padding.</summary>
    public Tensor LeavePadded(Tensor rows) => Leave(_padding?.Add(rows) ?? rows);

    private static ReadOnlySpan<bool> Resets(Tensor? resets, Tensor input, params ReadOnlySpan<TensorCheck.Dimension> rows) =>
        resets is null ? [] : Values<bool>(resets, nameof(resets), input, ScalarType.Bool, rows);

    /// <summary>The values of a checked tensor, on the CPU; the dispose scope that is open keeps them.</summary>
    private static unsafe ReadOnlySpan<T> Values<T>(
        Tensor tensor, string argument, Tensor input, ScalarType type, params ReadOnlySpan<TensorCheck.Dimension> wanted)
        where T : unmanaged
    {
        TensorCheck.Require(tensor, argument, type, wanted);
        if (tensor.device_type != DeviceType.CPU && !TensorCheck.AreBeside(tensor, input))
            throw new ArgumentException($"{argument} is on device {tensor.device}, wanted cpu or that of the input, {input.device}.", argument);
        var count = tensor.numel();
        if (count > int.MaxValue)
            throw new ArgumentException($"{argument} has {count} elements, wanted at most {int.MaxValue}.", argument);
        return new ReadOnlySpan<T>((void*)Address(Contiguous(tensor.cpu())), (int)count);
    }
}
