using MinRnn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Sequences of a form as tensors, and what each piece of them alone gives.</summary>
internal static class SequenceCalls
{
    public static Tensor? Lengths(SequenceForm form) => form.Lengths is null ? null : tensor(form.Lengths);

    public static Tensor? Offsets(SequenceForm form) => form.Offsets is null ? null : tensor(form.Offsets);

    public static Tensor? Resets(SequenceForm form) => form.Resets is null ? null
        : form.Offsets is null ? tensor(form.Resets).view(form.Batch, form.Time)
        : tensor(form.Resets);

    /// <summary>[B, T, …] or [total, …].</summary>
    public static long[] Shape(SequenceForm form, params long[] features) =>
        form.Offsets is null ? [form.Batch, form.Time, .. features] : [form.Rows, .. features];

    /// <summary>The same tensor with NaN in padding, which is not to be read.</summary>
    public static Tensor Spoil(SequenceForm form, Tensor values, double with = double.NaN)
    {
        for (var row = 0; row < form.Batch && form.Lengths is not null; row++)
            values[row].narrow(0, form.Lengths[row], form.Time - form.Lengths[row]).fill_(with);
        return values;
    }

    /// <summary>The output and final state, put together from a call for each piece on [1, steps, D].</summary>
    public static (Tensor Output, Tensor Final) Alone(RecurrentModule layer, double[] constants, SequenceForm form, Tensor input, Tensor? state)
    {
        var isTwoWay = layer.Direction == Direction.Bidirectional;
        bool[] reverse = isTwoWay ? [false, true] : [layer.Direction == Direction.Reverse];
        var width = layer.HiddenSize * reverse.Length;
        var rows = input.view(-1, layer.InputSize);
        var output = Enumerable.Repeat(zeros(1, width, dtype: input.dtype), form.Rows).ToArray();
        var finals = new Tensor[form.Count, reverse.Length];
        var start = stack([.. constants.Select(value => full(layer.HiddenSize, value, dtype: input.dtype))]);
        foreach (var (sequence, firstRow, steps, isFirst, isLast) in form.Pieces())
        {
            var isReset = isFirst && steps > 0 && form.Resets is { } resets && resets[firstRow];
            Tensor Before(int direction)
            {
                var takes = state is not null && (reverse[direction] ? isLast : isFirst && !isReset);
                if (!takes)
                    return start;
                var given = isTwoWay ? state![sequence].select(0, direction) : state![sequence];
                return given.view(-1, layer.HiddenSize);
            }

            var before = reverse.Select((_, direction) => layer.StateCount == 1 ? Before(direction).squeeze(0) : Before(direction)).ToArray();
            var given = isTwoWay ? stack(before).unsqueeze(0) : before[0].unsqueeze(0);
            var (y, last) = layer.call(rows.narrow(0, firstRow, steps).unsqueeze(0), given);
            for (var step = 0; step < steps; step++)
                output[firstRow + step] = y[0].narrow(0, step, 1);
            for (var direction = 0; direction < reverse.Length; direction++)
            {
                if (reverse[direction] ? isFirst : isLast)
                    finals[sequence, direction] = isTwoWay ? last[0].select(0, direction) : last[0];
            }
        }

        var all = form.Rows == 0 ? zeros(0, width, dtype: input.dtype) : cat(output);
        Tensor Final(int sequence) => isTwoWay ? stack([finals[sequence, 0], finals[sequence, 1]]) : finals[sequence, 0];
        long[] none = [0, .. isTwoWay ? (long[])[2] : [], .. layer.StateCount > 1 ? (long[])[layer.StateCount] : [], layer.HiddenSize];
        return (
            all.view(Shape(form, width)),
            form.Count == 0 ? zeros(none, dtype: input.dtype) : stack([.. Enumerable.Range(0, form.Count).Select(Final)]));
    }

    /// <summary>Requires max|x - ref| / max|ref| to be within a bound.</summary>
    public static void AssertClose(Tensor expected, Tensor actual, double bound, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        if (expected.numel() == 0)
            return;
        var error = (expected - actual).abs().max().to(ScalarType.Float64).item<double>();
        var scale = Math.Max(expected.abs().max().to(ScalarType.Float64).item<double>(), 1e-6);
        Assert.True(error <= bound * scale, $"{what}: {error / scale:e2}");
    }
}
