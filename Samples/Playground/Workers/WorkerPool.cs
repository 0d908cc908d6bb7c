using System.Collections.Concurrent;
using System.Text.Json;
using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Samples.Playground.Workers;

/// <summary>
/// Workers, of which the one that answered last takes the next question: it knows most of the compiler by now. One that fails is replaced.
/// </summary>
internal sealed class WorkerPool(WorkerLimits limits) : IAsyncDisposable
{
    private const string Warmup =
        """
        [MinRnn.RecurrentCell]
        static partial class Warm { static float Step([MinRnn.State] float h, float gate, float x) => MinRnn.CellMath.Lerp(h, x, MinRnn.CellMath.Sigmoid(gate)); }
        """;

    private readonly SemaphoreSlim free = new(limits.Workers);
    private readonly ConcurrentStack<WorkerProcess> idle = [];
    private readonly CancellationTokenSource ending = new();
    private int asked;

    /// <summary>Answers a question, as JSON.</summary>
    /// <exception cref="WorkerException">There is no answer.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more, or the pool ends.</exception>
    public async Task<string> AskAsync(Question question, CancellationToken cancellation = default)
    {
        var line = JsonSerializer.Serialize(question, Json.Default.Question);
        if (Interlocked.Increment(ref asked) > limits.Workers + limits.Waiting)
        {
            Interlocked.Decrement(ref asked);
            throw new WorkerException(WorkerFailure.Busy, "The compiler is busy with other pages: try again in a moment.");
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ending.Token);
            await free.WaitAsync(either.Token);
            try
            {
                return await AskOneAsync(line);
            }
            finally
            {
                free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref asked);
        }
    }

    /// <summary>Starts the workers before anybody asks, and lets each compile something, after which it is several times faster.</summary>
    public Task WarmAsync() => Task.WhenAll(Enumerable.Range(0, limits.Workers).Select(async _ =>
    {
        try
        {
            await AskAsync(new Question(QuestionKind.Compile, Warmup));
        }
        catch (Exception exception) when (exception is WorkerException or OperationCanceledException)
        {
            // Whoever asks next is told.
        }
    }));

    /// <summary>Ends every worker.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        while (idle.TryPop(out var worker))
            worker.Dispose();
    }

    private async Task<string> AskOneAsync(string line)
    {
        var worker = idle.TryPop(out var known) ? known : await WorkerProcess.StartAsync(limits);
        try
        {
            var answer = await worker.AskAsync(line);
            Return(worker);
            return answer;
        }
        catch (WorkerException exception) when (exception.Failure == WorkerFailure.Refused)
        {
            Return(worker);
            throw;
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    private void Return(WorkerProcess worker)
    {
        if (worker.Answered >= limits.QuestionsPerWorker || ending.IsCancellationRequested)
            worker.Dispose();
        else
            idle.Push(worker);
    }
}
