using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance;

/// <summary>A batch as users have them: lengths, packed offsets, resets, and what they combine to.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Batch">Rows of the batch; 1 with offsets.</param>
/// <param name="Time">Steps of a row.</param>
internal sealed record SequenceForm(string Name, int Batch, int Time)
{
    public long[]? Lengths { get; init; }

    public long[]? Offsets { get; init; }

    public bool[]? Resets { get; init; }

    public int Rows => Batch * Time;

    public int Count => Offsets is null ? Batch : Offsets.Length - 1;

    public override string ToString() => Name;

    public static SequenceForm[] All { get; } =
    [
        new("lengths", 5, 7) { Lengths = [7, 0, 3, 1, 6] },
        new("lengths of nothing", 3, 4) { Lengths = [0, 0, 0] },
        new("lengths without padding", 2, 4) { Lengths = [4, 4] },
        new("lengths without time", 2, 0) { Lengths = [0, 0] },
        new("lengths without rows", 0, 5) { Lengths = [] },
        new("offsets", 1, 17) { Offsets = [0, 0, 3, 3, 10, 11, 17, 17] },
        new("offsets of one", 1, 64) { Offsets = [0, 64] },
        new("offsets of nothing", 1, 0) { Offsets = [0, 0, 0] },
        new("offsets without sequences", 1, 0) { Offsets = [0] },
        new("resets", 5, 6) { Resets = Marks(30, 0, 1, 5, 8, 12, 13, 14, 15, 16, 17, 23) },
        new("resets without time", 3, 0) { Resets = [] },
        new("lengths and resets", 4, 8) { Lengths = [5, 8, 0, 1], Resets = Marks(32, 0, 3, 4, 5, 6, 11, 16, 17, 24, 25) },
        new("offsets and resets", 1, 20) { Offsets = [0, 4, 4, 5, 12, 20], Resets = Marks(20, 0, 2, 4, 9, 12, 19) },
        new("long and short", 1, 400) { Offsets = [0, 1, 150, 151, 390, 400], Resets = Marks(400, 20, 21, 100, 151, 230, 389) },
        Random("many short", 300, 6, seed: 1, resets: 20),
    ];

    public ScanSequences Build() => Offsets is not null ? ScanSequences.Packed(Offsets, Rows, Resets)
        : Lengths is not null ? ScanSequences.Padded(Lengths, Time, Resets)
        : ScanSequences.Full(Resets, Batch, Time);

    /// <summary>The pieces between edges and resets, step by step as the text of the documentation says it.</summary>
    public IEnumerable<(int Sequence, int FirstRow, int Steps, bool IsFirst, bool IsLast)> Pieces()
    {
        for (var sequence = 0; sequence < Count; sequence++)
        {
            var first = (int)(Offsets?[sequence] ?? (sequence * Time));
            var end = (int)(Offsets?[sequence + 1] ?? (first + (Lengths?[sequence] ?? Time)));
            var (start, isFirst) = (first, true);
            for (var row = first + 1; row < end; row++)
            {
                if (Resets is null || !Resets[row])
                    continue;
                yield return (sequence, start, row - start, isFirst, false);
                (start, isFirst) = (row, false);
            }

            yield return (sequence, start, end - start, isFirst, true);
        }
    }

    private static bool[] Marks(int rows, params int[] marked) => [.. Enumerable.Range(0, rows).Select(marked.Contains)];

    private static SequenceForm Random(string name, int count, int longest, int seed, int resets)
    {
        var random = new Random(seed);
        long[] offsets = new long[count + 1];
        for (var i = 0; i < count; i++)
            offsets[i + 1] = offsets[i] + random.Next(longest + 1);
        var rows = (int)offsets[^1];
        return new SequenceForm(name, 1, rows) { Offsets = offsets, Resets = [.. Enumerable.Range(0, rows).Select(_ => random.Next(rows) < resets)] };
    }
}

/// <summary>Runs each piece of a batch's sequences alone, as a batch of one row, and puts the results together.</summary>
internal sealed class AloneBackend(IScanBackend inner) : IScanBackend
{
    public ScanOutput Run(LayerDescription layer, ScanInput input)
    {
        var (shape, form) = (layer.Kernels.Shape, input.Form!);
        var (h, p, s) = (shape.Channels, shape.PreactivationWidth, shape.States * shape.Channels);
        var x = shape.HasInput ? h : 0;
        var output = new ScanOutput(
            new double[form.Rows * h], new double[form.Count * s], new double[form.Rows * p],
            new double[shape.ParameterSize], new double[form.Rows * x], new double[form.Count * s]);
        foreach (var (sequence, firstRow, steps, isFirst, isLast) in form.Pieces())
        {
            double[] Steps(double[] values, int width) => values[(firstRow * width)..((firstRow + steps) * width)];
            double[] Of(double[] values) => values[(sequence * s)..((sequence + 1) * s)];

            // In the order of memory: backward in time, a sequence is entered at its last piece and left at its first.
            var isReset = isFirst && steps > 0 && form.Resets is { } resets && resets[firstRow];
            var (isEntered, isLeft) = input.Reverse ? (isLast, isFirst) : (isFirst, isLast);
            var takesState = isEntered && (input.Reverse || !isReset);
            var result = inner.Run(layer, new ScanInput(
                1, steps, input.Reverse, Steps(input.Preactivations, p), input.Parameters, Steps(input.Input, x),
                takesState && input.InitialState is { } initial ? Of(initial) : null,
                input.OutputGradient is { } gradient ? Steps(gradient, h) : null,
                isLeft && input.FinalStateGradient is { } final ? Of(final) : null));
            result.Output.CopyTo(output.Output, firstRow * h);
            result.PreactivationGradient.CopyTo(output.PreactivationGradient, firstRow * p);
            result.InputGradient.CopyTo(output.InputGradient, firstRow * x);
            if (isLeft)
                result.FinalState.CopyTo(output.FinalState, sequence * s);
            if (takesState)
                result.InitialStateGradient.CopyTo(output.InitialStateGradient, sequence * s);
            for (var i = 0; i < output.ParameterGradient.Length; i++)
                output.ParameterGradient[i] += result.ParameterGradient[i];
        }

        return output;
    }
}
