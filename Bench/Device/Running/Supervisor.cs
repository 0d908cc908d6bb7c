using System.Collections.Concurrent;
using System.Diagnostics;

namespace MinRnn.Bench.Device;

/// <summary>
/// Has cases worked on in processes of their own. One that is silent for too long is ended, one that dies is replaced: the case
/// is reported, and the next process goes on with those after it.
/// </summary>
/// <param name="worker">How a <see cref="Worker"/> is started.</param>
/// <param name="patience">How long a case may take.</param>
/// <param name="report">Takes each result.</param>
internal sealed class Supervisor(Func<ProcessStartInfo> worker, TimeSpan patience, Action<CaseResult> report)
{
    /// <summary>Cases of one strategy that hang or die before its others are given up.</summary>
    private const int MostLosses = 2;

    /// <summary>The last words of a process that died, at most.</summary>
    private const int MostWords = 400;

    private const int EndMilliseconds = 10_000;

    private readonly Dictionary<string, int> losses = [];

    /// <summary>Works on cases until they are done or the time is up.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="deadline">No case begins after this.</param>
    /// <returns>Whether all were worked on.</returns>
    /// <exception cref="InvalidOperationException">A worker does not start; the message is what it said.</exception>
    public bool Run(IEnumerable<Case> cases, DateTime deadline)
    {
        var remaining = new Queue<Case>(cases);
        while (remaining.Count > 0)
        {
            if (DateTime.UtcNow >= deadline)
                return false;
            if (losses.GetValueOrDefault(KeyOf(remaining.Peek())) >= MostLosses)
            {
                var skipped = remaining.Dequeue();
                report(new CaseResult(skipped.ToString(), Outcome.Skipped, $"{MostLosses} cases of {skipped.Strategy} were lost before"));
                continue;
            }

            Work(remaining, deadline);
        }

        return true;
    }

    private static string KeyOf(Case item) => $"{item.Kind} {item.Strategy}";

    /// <summary>One process, until it has no more cases, or one of them ends it.</summary>
    private void Work(Queue<Case> remaining, DateTime deadline)
    {
        using var process = new Process { StartInfo = worker() };
        var lines = new BlockingCollection<string?>();
        var words = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => lines.Add(line.Data);
        process.ErrorDataReceived += (_, line) => words.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Case? begun = null;
        bool hasBegun = false, isHung = false;
        try
        {
            while (remaining.Count > 0 && losses.GetValueOrDefault(KeyOf(remaining.Peek())) < MostLosses && DateTime.UtcNow < deadline)
            {
                // One case at a time: a process that dies takes no other along.
                Write(process, remaining.Peek());
                string? line;
                do
                {
                    if (!lines.TryTake(out line, patience))
                    {
                        isHung = true;
                        Lose(remaining, Outcome.Hung, $"no result within {patience.TotalSeconds:f0} s");
                        return;
                    }

                    if (line?.StartsWith(Worker.Begin, StringComparison.Ordinal) == true)
                        (begun, hasBegun) = (remaining.Peek(), true);
                }
                while (line is not null && !line.StartsWith(Worker.End, StringComparison.Ordinal));

                if (line is null)
                {
                    process.WaitForExit();
                    var said = string.Join(' ', words.Where(word => word.Length > 0));
                    said = said.Length > MostWords ? said[..MostWords] : said;
                    if (!hasBegun)
                        throw new InvalidOperationException(said.Length > 0 ? said : $"The worker ended with code {process.ExitCode} before its first case.");
                    if (begun is not null)
                        Lose(remaining, Outcome.Failed, $"the process ended with code {process.ExitCode}: {said}");
                    return;
                }

                var result = CaseResult.Parse(line[Worker.End.Length..]);
                if (result.Outcome is Outcome.Failed)
                    Count(remaining.Peek());
                remaining.Dequeue();
                begun = null;
                report(result);
            }
        }
        finally
        {
            // A worker without input ends by itself.
            Write(process, null);
            if (isHung || !process.WaitForExit(EndMilliseconds))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(EndMilliseconds);
            }
        }
    }

    private void Lose(Queue<Case> remaining, Outcome outcome, string message)
    {
        Count(remaining.Peek());
        report(new CaseResult(remaining.Dequeue().ToString(), outcome, message));
    }

    private void Count(Case item) => losses[KeyOf(item)] = losses.GetValueOrDefault(KeyOf(item)) + 1;

    /// <summary>Gives a worker a case, or the end of its input.</summary>
    private static void Write(Process process, Case? item)
    {
        try
        {
            if (item is null)
            {
                process.StandardInput.Dispose();
                return;
            }

            process.StandardInput.WriteLine(item);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It is gone: its output ends, which is read next.
        }
    }
}
