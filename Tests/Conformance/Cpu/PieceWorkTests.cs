using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Torch;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>Work that threads help with, run again and again as inference does. Sets how many there are, for the whole process.</summary>
[Collection(nameof(TorchCollection))]
public class PieceWorkTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_piece_of_every_run_is_done_once_before_it_returns(int threads)
    {
        var (before, team) = (Workers.MaxThreads, Workers.Team);
        try
        {
            (Workers.MaxThreads, Workers.Team) = (threads, null);
            var work = new Counter();
            var random = new Random(threads);
            for (var run = 0; run < 5000; run++)
            {
                var count = random.Next(40);
                Array.Clear(work.Done);
                work.Run(count, isLarge: run % 10 != 0);
                for (var piece = 0; piece < work.Done.Length; piece++)
                    Assert.Equal(piece < count ? 1 : 0, Volatile.Read(ref work.Done[piece]));
            }
        }
        finally
        {
            (Workers.MaxThreads, Workers.Team) = (before, team);
        }
    }

    private sealed class Counter : PieceWork
    {
        public int[] Done { get; } = new int[64];

        protected override void Run(int piece)
        {
            if (piece % 7 == 3)
                Thread.Yield();
            Interlocked.Increment(ref Done[piece]);
        }
    }
}
