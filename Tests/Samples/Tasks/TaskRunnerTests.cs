using MinRnn.Bench.Tasks;
using MinRnn.Samples.Common;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Samples.Tasks;

public sealed class TaskRunnerTests : IDisposable
{
    private const int Steps = 6;

    private readonly TemporaryDirectory _directory = new();
    private int _stepsLeft = int.MaxValue;

    private string Results => _directory.File("tasks.json");

    private string Table => _directory.File("tasks.md");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_interrupted_call_leaves_the_table_of_what_is_done_and_the_next_goes_on()
    {
        _stepsLeft = Steps + 3;
        RunAll();
        var first = Assert.Single(new TaskResults(Results).All);
        Assert.Equal((nameof(MinGru), 1, Steps), (first.Contender, first.Seed, first.Steps));
        Assert.Contains("| SignedMinGru | not run |", File.ReadAllText(Table));
        Assert.Matches(@"\| MinGru \| \d+\.\d % \|", File.ReadAllText(Table));

        _stepsLeft = int.MaxValue;
        RunAll();
        var all = new TaskResults(Results).All;
        Assert.Equal(first, all[0]);
        Assert.Equal([nameof(MinGru), nameof(SignedMinGru)], all.Select(result => result.Contender));
        Assert.Matches(@"\| SignedMinGru \| \d+\.\d % \|", File.ReadAllText(Table));

        _stepsLeft = 0;
        RunAll();
        Assert.Equal(all, new TaskResults(Results).All);
    }

    [Fact]
    public void The_same_seed_has_the_same_result()
    {
        RunAll();
        var first = new TaskResults(Results).All;
        RunAll(again: true);

        Assert.Equal(first.OrderBy(result => result.Contender), new TaskResults(Results).All.OrderBy(result => result.Contender));
    }

    [Fact]
    public void A_training_that_fails_is_told_and_the_others_go_on()
    {
        var broken = new Contender("broken", (_, _) => new NoNumber(), (_, _) => new NoNumber());
        var runner = Runner(out var task);
        runner.Run(task, broken, seed: 1);
        runner.Run(task, Contender.All[0], seed: 1);

        var results = new TaskResults(Results).All;
        Assert.Equal(["broken", Contender.All[0].Name], results.Select(result => result.Contender));
        Assert.Null(results[0].Loss);
        Assert.NotNull(results[1].Loss);
    }

    /// <summary>Of what was not run, parameters are counted; of a text that is not read, they depend on its characters.</summary>
    [Fact]
    public void A_table_is_written_without_training()
    {
        const string Stored = """
            [{ "Task": "parity", "Contender": "MinGru", "Seed": 1, "Steps": 3000, "Accuracy": 0.5, "Loss": 0.7, "Parameters": 1234567, "Text": null }]
            """;
        File.WriteAllText(Results, Stored);
        Assert.Equal(SampleProgram.Success, TaskCommand.Run(["--table", "--output", Path.GetDirectoryName(Results)!]));

        Assert.Equal(Stored, File.ReadAllText(Results));
        var table = File.ReadAllText(Table);
        Assert.Contains("| MinGru | not run | not run | not run | 50.0 % | not run | not run |", table);
        Assert.Contains("| MinGru | 51,920 | 101,712 | 151,504 | 1,234,567 | 107,904 | not counted |", table);
        Assert.Contains("| nn.LSTM | ", table[table.IndexOf("| MinGru | 51,920", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("GRUCell loop", table);
    }

    [Fact]
    public void A_damaged_file_of_results_is_refused_and_left_alone()
    {
        File.WriteAllText(Results, "[{");

        var error = Assert.Throws<UserErrorException>(() => new TaskResults(Results));
        Assert.Contains(Results, error.Message);
        Assert.Equal("[{", File.ReadAllText(Results));
    }

    [Theory]
    [InlineData("--task", "sorting", "there is no 'sorting'; there are copy-1, copy-2, copy-3, parity, recall, characters")]
    [InlineData("--cell", "Gru", "there is no 'Gru'; there are MinGru,")]
    [InlineData("--cell", ",", "--cell names nothing")]
    [InlineData("--seeds", "0", "--seeds is '0', wanted an integer from 1 to 100")]
    public void A_wrong_command_line_is_refused_in_a_sentence(string option, string value, string message)
    {
        var standard = Console.Error;
        using var written = new StringWriter();
        try
        {
            Console.SetError(written);
            Assert.Equal(SampleProgram.UserError, TaskCommand.Run([option, value, "--output", _directory.File("out")]));
        }
        finally
        {
            Console.SetError(standard);
        }

        Assert.Contains(message, written.ToString());
        Assert.False(Directory.Exists(_directory.File("out")));
    }

    private void RunAll(bool again = false)
    {
        var runner = Runner(out var task);
        foreach (var contender in Contender.All.Where(contender => contender.Name is nameof(MinGru) or nameof(SignedMinGru)))
            runner.Run(task, contender, seed: 1, again);
    }

    private TaskRunner Runner(out LearningTask task)
    {
        task = new LearningTask(
            "parity", "A few steps of parity.", Steps, Seeds: 1,
            steps => new WarmupCosine(0.005, 0, steps, FinalShare: 0),
            contender => contender.Narrow(ParityTask.VocabularySize, 1),
            seed => new ParityTask(longest: 5, heldOutLength: 8, batch: 4, seed));
        return new TaskRunner(new TaskResults(Results), Table, [task], isQuick: false, () => _stepsLeft-- <= 0);
    }

    private sealed class NoNumber() : nn.Module<Tensor, Tensor>(nameof(NoNumber))
    {
        public override Tensor forward(Tensor ids) =>
            full([ids.size(0), ids.size(1), ParityTask.VocabularySize], float.NaN).requires_grad_();
    }
}
