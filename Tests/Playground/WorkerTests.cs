using System.Diagnostics;
using System.Text.Json;
using MinRnn.Samples.Playground.Compilation;
using MinRnn.Samples.Playground.Workers;

namespace MinRnn.Tests.Playground;

/// <summary>The limits of compiling, each with processes of its own.</summary>
public class WorkerTests
{
    private const string Cell =
        "[MinRnn.RecurrentCell] public static partial class Leak { public static float Step([MinRnn.State] float h, float x) => 0.5f * h + x; }";

    private static readonly WorkerLimits Limits = new(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(120), 512L << 20, Workers: 1);

    [Fact]
    public async Task A_question_is_answered_and_a_worker_replaced_after_its_share()
    {
        await using var pool = new WorkerPool(Limits with { QuestionsPerWorker = 1 });
        for (var i = 0; i < 2; i++)
        {
            var answer = JsonSerializer.Deserialize(await pool.AskAsync(new Question(QuestionKind.Compile, Cell)), Json.Default.CompiledSource)!;
            Assert.Equal("LeakLayer", answer.Layer!.Name);
        }
    }

    [Fact]
    public async Task What_takes_too_long_is_ended()
    {
        await using var pool = new WorkerPool(Limits with { Time = TimeSpan.FromMilliseconds(1) });
        await FailsAsync(pool, WorkerFailure.Time, "took longer than 0 s");
    }

    [Fact]
    public async Task What_needs_too_much_memory_is_ended()
    {
        await using var pool = new WorkerPool(Limits with { HeapBytes = 12L << 20 });
        await FailsAsync(pool, WorkerFailure.Memory, "12 MiB");
        await FailsAsync(pool, WorkerFailure.Memory, "12 MiB");
    }

    [Fact]
    public async Task More_than_may_wait_are_sent_away()
    {
        await using var pool = new WorkerPool(Limits with { Waiting = 1 });
        var questions = Enumerable.Range(0, 3).Select(_ => pool.AskAsync(new Question(QuestionKind.Compile, Cell))).ToList();
        var refused = await Assert.ThrowsAsync<WorkerException>(() => questions[2]);
        Assert.Equal(WorkerFailure.Busy, refused.Failure);
        await Task.WhenAll(questions.Take(2));
    }

    [Fact]
    public async Task A_worker_that_is_gone_is_told_of()
    {
        using var worker = await WorkerProcess.StartAsync(Limits);
        using (var process = Process.GetProcessById(worker.Id))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        var exception = await Assert.ThrowsAsync<WorkerException>(() => worker.AskAsync("{}"));
        Assert.Equal(WorkerFailure.Ended, exception.Failure);
    }

    /// <summary>The C# compiler itself runs out of stack on some of these, and takes its process with it.</summary>
    [Fact]
    public async Task Sources_that_are_nested_deeply_do_no_harm()
    {
        await using var pool = new WorkerPool(Limits);
        const int Depth = 9000;
        foreach (var expression in new[]
        {
            new string('(', Depth) + "h" + new string(')', Depth),
            "h" + string.Concat(Enumerable.Repeat("+h", Depth)),
            string.Concat(Enumerable.Repeat("-+", Depth)) + "h",
        })
        {
            try
            {
                await pool.AskAsync(new Question(QuestionKind.Compile, Cell.Replace("0.5f * h", expression, StringComparison.Ordinal)));
            }
            catch (WorkerException exception)
            {
                Assert.True(exception.Failure is WorkerFailure.Refused or WorkerFailure.Ended, exception.Message);
            }

            Assert.Contains("LeakLayer", await pool.AskAsync(new Question(QuestionKind.Compile, Cell)), StringComparison.Ordinal);
        }
    }

    private static async Task FailsAsync(WorkerPool pool, WorkerFailure failure, string message)
    {
        var exception = await Assert.ThrowsAsync<WorkerException>(() => pool.AskAsync(new Question(QuestionKind.Compile, Cell)));
        Assert.True(failure == exception.Failure, exception.Message);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }
}
