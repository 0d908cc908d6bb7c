using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cpu;

public class ScanSequencesTests
{
    [Theory]
    [InlineData("lengths", "lengths[1] is -1, wanted 0 to 4", new long[] { 4, -1 })]
    [InlineData("lengths", "lengths[0] is 5, wanted 0 to 4", new long[] { 5, 1 })]
    public void WrongLengthsAreNamed(string argument, string text, long[] lengths) =>
        Assert.Contains(text, Assert.Throws<ArgumentException>(argument, () => ScanSequences.Padded(lengths, 4)).Message);

    [Theory]
    [InlineData("no element", new long[0])]
    [InlineData("offsets[0] is 1, wanted 0", new long[] { 1, 9 })]
    [InlineData("offsets[2] is 3, wanted at least offsets[1], 4", new long[] { 0, 4, 3, 9 })]
    [InlineData("offsets[2], the last, is 8, wanted 9, the rows of the input", new long[] { 0, 4, 8 })]
    [InlineData("offsets[0], the last, is 0, wanted 9", new long[] { 0 })]
    public void WrongOffsetsAreNamed(string text, long[] offsets) =>
        Assert.Contains(text, Assert.Throws<ArgumentException>("offsets", () => ScanSequences.Packed(offsets, 9)).Message);

    [Fact]
    public void ResetsOfAnotherNumberAreNamed()
    {
        void Refused(Func<ScanSequences> build) =>
            Assert.Contains("resets has 3 elements, wanted 8", Assert.Throws<ArgumentException>("resets", build).Message);
        Refused(() => ScanSequences.Padded([4, 1], 4, new bool[3]));
        Refused(() => ScanSequences.Packed([0, 8], 8, new bool[3]));
        Refused(() => ScanSequences.Full(new bool[3], 2, 4));
    }

    /// <summary>A piece is a group and a block of channels: ten thousand sequences make no more of them than a few long ones.</summary>
    [Fact]
    public void ManySequencesShareEvenPieces()
    {
        var lengths = Enumerable.Range(0, 10_000).Select(i => (i * 7919L) % 13).ToArray();
        long[] offsets = [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())];
        var sequences = ScanSequences.Packed(offsets, offsets[^1]);
        var partition = new ScanPartition(new ScanSegments(0, 0, sequences), channels: 32);
        Assert.InRange(partition.Pieces, 16, 64);
        var seen = 0;
        for (var group = 0; group < partition.Groups; group++)
        {
            long work = 0;
            foreach (var part in partition.Parts(group))
            {
                Assert.Equal(offsets[seen++], part.Segment.FirstRow);
                work += part.Segment.Work;
            }

            Assert.InRange(work * partition.Groups / (double)sequences.Work[^1], 0.9, 1.1);
        }

        Assert.Equal(10_000, seen);
    }

    /// <summary>Whatever the lengths and the number of chunks, the parts of all groups are the steps of all segments, each once, in order.</summary>
    [Fact]
    public void PartsCoverEveryStepOnce()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            long[] offsets = new long[random.Next(90) + 1];
            for (var i = 1; i < offsets.Length; i++)
                offsets[i] = offsets[i - 1] + (random.Next(3) == 0 ? 0 : random.Next(random.Next(2) == 0 ? 5 : 200));
            var sequences = ScanSequences.Packed(offsets, offsets[^1]);
            var segments = round % 4 == 0 ? new ScanSegments(random.Next(90), random.Next(200), null) : new ScanSegments(0, 0, sequences);
            foreach (var chunkSteps in new[] { 0, 1, 3, 50 })
            {
                var partition = new ScanPartition(segments, channels: 5, cutsTime: true, chunkSteps);
                Assert.InRange(partition.Groups, 0, 64);
                long index = 0, step = 0;
                for (var group = 0; group < partition.Groups; group++)
                {
                    foreach (var part in partition.Parts(group))
                    {
                        // A group that gets nothing of the segment that it begins in is empty.
                        Assert.Equal((segments[index], step), (part.Segment, part.FirstStep));
                        step = part.EndStep;
                        if (part.IsEnd)
                            (index, step) = (index + 1, 0);
                    }
                }

                Assert.Equal((segments.Count, 0), (index, step));
            }
        }
    }
}
