using System.Numerics;

namespace MinRnn.Kernels;

/// <summary>
/// The same for a layer whose steps compose: where batch and channels are too few for the cores, time is cut into chunks. Each
/// chunk is summed up, from its end to where it remembers nothing earlier; the summaries give the states that chunks start from;
/// then all chunks run at once.
/// </summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="chunkSteps">Steps of a chunk; 0 to let the shape decide whether to cut, and where.</param>
public sealed class TimeParallelScanKernels<TKernels, T>(long chunkSteps = 0) : CpuScanKernels<TKernels, T>
    where TKernels : struct, ITimeParallelKernels<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Works on a chunk of time of a group of rows and a block of channels.</summary>
    private delegate void ChunkWork(int chunk, int group, int first, int end);

    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        var partition = new ScanPartition(scan.Batch, Shape.Channels, scan.Time, chunkSteps);
        if (scan.Batch == 0 || partition.Chunks == 1)
        {
            base.Forward(scan);
            return;
        }

        var arguments = scan;
        var streams = Streams(scan);
        var constants = scan.InitialState == 0 ? InitialConstants() : [];
        using var chunks = new ChunkSummaries<T>(Shape, scan.Batch, partition.Chunks);
        ForEach(partition, (row, first, end) =>
        {
            var block = Block(arguments, row, constants);
            Copy(ref block.InitialState, ref chunks.Before(row, 0), first, end);
        });
        Run(partition, chunks, isReversed: false, IsLarge(scan.Batch, scan.Time), SumUp, RunChunk);
        ForEach(partition, (row, first, end) =>
            Copy(ref chunks.After(row, partition.Chunks - 1), ref At(arguments.FinalState, row, Shape.States * Shape.Channels), first, end));

        void SumUp(int chunk, int group, int first, int end)
        {
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
            {
                var block = Block(arguments, row, constants);
                Prepare(ref block, partition, chunks, row, chunk, first, end);
                block.RowsAhead = block.Reverse ? RowsAhead(end - first) : -RowsAhead(end - first);
                if (Whole(ref block, first, end))
                    TKernels.Summarize<FullLanes<T>>(block);
                if (Tail(ref block, first, end))
                    TKernels.Summarize<PartialLanes<T>>(block);
            }
        }

        void RunChunk(int chunk, int group, int first, int end)
        {
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
            {
                var block = Block(arguments, row, constants);
                (block.FirstStep, block.EndStep) = partition.Steps(chunk);
                block.State = ref chunks.After(row, chunk);
                Copy(ref chunks.Before(row, chunk), ref block.State, first, end);
                RunForward(ref block, first, end, streams);
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        var partition = new ScanPartition(scan.Batch, Shape.Channels, scan.Time, chunkSteps);
        if (scan.Batch == 0 || partition.Chunks == 1)
        {
            base.Backward(scan);
            return;
        }

        var arguments = scan;
        var streams = Streams(scan);
        var constants = scan.InitialState == 0 ? InitialConstants() : [];
        var zeros = scan.OutputGradient == 0 ? GC.AllocateArray<T>(Shape.Channels, pinned: true) : [];
        using var sums = new ParameterSums<T>(Shape, partition);
        using var chunks = new ChunkSummaries<T>(Shape, scan.Batch, partition.Chunks);
        ForEach(partition, (row, first, end) =>
            CopyFinalGradient(arguments, row, ref chunks.Before(row, partition.Chunks - 1), first, end));
        Run(partition, chunks, isReversed: true, IsLarge(scan.Batch, scan.Time), SumUp, RunChunk);
        ForEach(partition, (row, first, end) =>
            Copy(ref chunks.After(row, 0), ref At(arguments.InitialStateGradient, row, Shape.States * Shape.Channels), first, end));
        sums.Into((T*)scan.ParameterGradient);

        void SumUp(int chunk, int group, int first, int end)
        {
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
            {
                var block = Block(arguments, row, constants, zeros);
                Prepare(ref block, partition, chunks, row, chunk, first, end);
                block.RowsAhead = block.Reverse ? -RowsAhead(end - first) : RowsAhead(end - first);
                if (Whole(ref block, first, end))
                    TKernels.SummarizeBackward<FullLanes<T>>(block);
                if (Tail(ref block, first, end))
                    TKernels.SummarizeBackward<PartialLanes<T>>(block);
            }
        }

        void RunChunk(int chunk, int group, int first, int end)
        {
            sums.Clear(group, chunk, first, end, Shape.Channels);
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
            {
                var block = Block(arguments, row, constants, zeros);
                (block.FirstStep, block.EndStep) = partition.Steps(chunk);
                block.StateGradient = ref chunks.After(row, chunk);
                Copy(ref chunks.Before(row, chunk), ref block.StateGradient, first, end);
                RunBackward(ref block, first, end, streams, sums.Partial(group, chunk));
            }
        }
    }

    private static void Prepare(
        ref ScanBlock<T> block, ScanPartition partition, ChunkSummaries<T> chunks, long row, int chunk, int first, int end)
    {
        chunks.Start(row, chunk, first, end);
        (block.FirstStep, block.EndStep) = partition.Steps(chunk);
        block.Transition = ref chunks.Transition(row, chunk);
        block.Offset = ref chunks.Offset(row, chunk);
    }

    /// <summary>Sums chunks up, finds the states between them, and runs them; from the last to the first if reversed.</summary>
    private void Run(
        ScanPartition partition, ChunkSummaries<T> chunks, bool isReversed, bool isLarge, ChunkWork summarize, ChunkWork run)
    {
        var count = partition.Chunks;
        int InOrder(long place) => (int)(isReversed ? count - 1 - place : place);

        // Nothing follows the last chunk, so its summary is not needed.
        Workers.Run(partition.Pieces * (count - 1), isLarge, unit => Work(summarize, unit / (count - 1), unit % (count - 1)));
        ForEach(partition, (row, first, end) =>
        {
            for (var place = 0; place + 1 < count; place++)
                chunks.Compose(row, InOrder(place), InOrder(place + 1), first, end);
        });
        Workers.Run(partition.Pieces * count, isLarge, unit => Work(run, unit / count, unit % count));

        // A summary does not see what stands where it no longer looks. Almost always that has faded; but a NaN does not fade, nor
        // does what was infinite. The states that a chunk truly ended with tell, and the next one runs again.
        for (long piece = 0; piece < partition.Pieces; piece++)
        {
            for (var place = 0; place + 1 < count; place++)
            {
                if (!Reconcile(piece, InOrder(place), InOrder(place + 1)))
                    Work(run, piece, place + 1);
            }
        }

        void Work(ChunkWork work, long piece, long place)
        {
            var (group, first, end) = partition.Piece(piece);
            work(InOrder(place), group, first, end);
        }

        bool Reconcile(long piece, int chunk, int next)
        {
            var (group, first, end) = partition.Piece(piece);
            var (row, endRow) = partition.Rows(group);
            var agree = true;
            for (; row < endRow; row++)
            {
                if (chunks.Agree(row, chunk, next, first, end))
                    continue;
                Copy(ref chunks.After(row, chunk), ref chunks.Before(row, next), first, end);
                agree = false;
            }

            return agree;
        }
    }

    private static void ForEach(ScanPartition partition, Action<long, int, int> work)
    {
        for (long piece = 0; piece < partition.Pieces; piece++)
        {
            var (group, first, end) = partition.Piece(piece);
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
                work(row, first, end);
        }
    }
}
