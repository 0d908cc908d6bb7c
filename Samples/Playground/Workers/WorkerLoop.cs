using System.Collections.Concurrent;
using System.Text.Json;
using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Samples.Playground.Workers;

/// <summary>
/// A worker's own side: it reads a question a line and writes an answer a line, marked by its first character. It ends with
/// the process that started it, for then its input ends, even in the midst of a question.
/// </summary>
internal static class WorkerLoop
{
    /// <summary>The argument that makes a worker of the program.</summary>
    public const string Verb = "worker";

    /// <summary>The first line, and the marks of answers and refusals.</summary>
    public const string Ready = "ready";

    public const char Answer = '+', Refusal = '-';

    /// <summary>The exit code of a worker whose heap is full.</summary>
    public const int OutOfMemory = 3;

    /// <summary>The compiler goes down into expressions by recursion, and stops where the stack is short.</summary>
    private const int StackBytes = 16 << 20;

    public static int Run()
    {
        var (input, output) = (Console.In, Console.Out);
        Console.SetOut(TextWriter.Null);
        using var questions = new BlockingCollection<string>();
        new Thread(() => Work(questions, output), StackBytes) { IsBackground = true }.Start();
        while (input.ReadLine() is { } line)
            questions.Add(line);
        return 0;
    }

    private static void Work(BlockingCollection<string> questions, TextWriter output)
    {
        Say(Ready);
        foreach (var question in questions.GetConsumingEnumerable())
            Say(Reply(question));

        void Say(string line)
        {
            output.Write(line + "\n");
            output.Flush();
        }
    }

    private static string Reply(string line)
    {
        try
        {
            var question = JsonSerializer.Deserialize(line, Json.Default.Question)!;
            return Answer + question.Kind switch
            {
                QuestionKind.Ptx => JsonSerializer.Serialize(Answers.Ptx(question), Json.Default.PtxListing),
                _ => JsonSerializer.Serialize(Answers.Compile(question), Json.Default.CompiledSource),
            };
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            Environment.Exit(OutOfMemory);
            throw;
        }
        catch (InsufficientExecutionStackException)
        {
            return Refusal + "The source is nested too deeply to compile.";
        }
        catch (Exception exception)
        {
            return Refusal + exception.Message.ReplaceLineEndings(" ");
        }
    }

    private static bool IsOutOfMemory(Exception? exception) =>
        exception is OutOfMemoryException || (exception is not null && IsOutOfMemory(exception.InnerException));
}
