using MinRnn.Bench.Report;
using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using Arguments = MinRnn.Samples.Common.CommandLine;

namespace MinRnn.Bench.Tasks;

/// <summary>The command that trains contenders on tasks. What is done is not done again.</summary>
internal static class TaskCommand
{
    public const string Name = "tasks";
    public const string Usage = "tasks [--task NAMES] [--cell NAMES] [--seeds N] [--quick] [--text FILE] [--output DIR] [--again] [--table]";

    private static readonly IReadOnlyList<Option> Declared =
    [
        new("task", "NAMES", "tasks, or how their names begin, between commas: copy, parity, recall, characters (default all)"),
        new("cell", "NAMES", "cells and baselines, between commas (default all, but for loops and eager layers)"),
        new("seeds", "N", "runs of each, seeds 1 to N (default 5 of parity, 1 of the others)"),
        new("quick", null, "a tenth of the steps, one seed, in a table of its own"),
        new("text", "FILE", "text of the character task (default: this repository's C# sources)"),
        new("output", "DIR", "where the table goes (default Bench/results)"),
        new("again", null, "runs that are in the results already, too"),
        new("table", null, "train nothing, write the table of the results so far"),
        new("help", null, "show this text"),
    ];

    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments) => SampleProgram.Run(() =>
    {
        var line = Arguments.Parse(Declared, arguments);
        if (line.IsGiven("help"))
        {
            Console.Write(Arguments.Help("Trains every cell on small tasks that tell cells apart.", "Bench", Declared, Name));
            return SampleProgram.Success;
        }

        var all = LearningTask.All(new Lazy<Corpus>(() => Corpus.Load(line.Text("text"), LearningTask.CharacterWindow)));
        var tasks = Named(line, "task", all, task => task.Name, (own, name) => own.StartsWith(name, StringComparison.OrdinalIgnoreCase)) ?? all;
        var contenders = Named(line, "cell", Contender.All, contender => contender.Name, (own, name) => own.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? [.. Contender.All.Where(contender => !contender.IsOptional)];
        int? seeds = line.IsGiven("seeds") ? line.Integer("seeds", 1, 100) : null;
        var isQuick = line.IsGiven("quick");

        var directory = line.Text("output") ?? ReportOptions.DefaultOutput();
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, isQuick ? "tasks-quick" : "tasks");
        using var interruption = new Interruption();
        var runner = new TaskRunner(new TaskResults(path + ".json"), path + ".md", all, isQuick, () => interruption.Requested);
        foreach (var task in line.IsGiven("table") ? [] : tasks)
        {
            foreach (var contender in contenders)
            {
                for (var seed = 1; seed <= (seeds ?? (isQuick ? 1 : task.Seeds)); seed++)
                    runner.Run(task, contender, seed, line.IsGiven("again"));
            }
        }

        runner.WriteTable();
        Console.WriteLine(interruption.Requested
            ? $"Interrupted; what is done is in {path}.md, and the same command goes on."
            : $"Done; the table is {path}.md.");
        return interruption.Requested ? SampleProgram.Interrupted : SampleProgram.Success;
    });

    /// <summary>What an option names; null when it is not given.</summary>
    private static IReadOnlyList<T>? Named<T>(
        Arguments line, string option, IReadOnlyList<T> all, Func<T, string> nameOf, Func<string, string, bool> matches)
    {
        if (line.Text(option) is not { } names)
            return null;
        var chosen = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Find).Distinct().ToList();
        return chosen.Count > 0 ? chosen : throw new UserErrorException($"--{option} names nothing.");

        List<T> Find(string name) => all.Where(item => matches(nameOf(item), name)).ToList() is { Count: > 0 } found
            ? found
            : throw new UserErrorException($"--{option}: there is no '{name}'; there are {string.Join(", ", all.Select(nameOf))}.");
    }
}
