using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;
using Xunit;

namespace MinRnn.Tests.Samples;

public sealed class SelectiveCopyRunTests : IDisposable
{
    private static readonly string[] Small =
        ["--width", "32", "--layers", "1", "--length", "12", "--data", "2", "--batch", "4", "--steps", "3"];

    private readonly TemporaryDirectory _directory = new();

    private string Output => _directory.File("run");

    private string Checkpoint => Path.Combine(Output, "checkpoint.mrnn");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_run_leaves_a_checkpoint_and_a_plot_and_can_be_opened_again()
    {
        Assert.Equal(SampleProgram.Success, Run([.. Small, "--output", Output]).Code);

        Assert.Equal(["checkpoint.mrnn", "training.png"], Directory.GetFiles(Output).Select(Path.GetFileName).Order());
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(Path.Combine(Output, "training.png"))[..4]);
        Assert.Equal(SampleProgram.Success, Run("--resume", Checkpoint).Code);
    }

    [Fact]
    public void A_new_run_keeps_the_checkpoint_of_the_one_before()
    {
        Run([.. Small, "--output", Output]);
        var before = File.ReadAllBytes(Checkpoint);
        Run([.. Small, "--output", Output, "--seed", "2"]);

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Output, "checkpoint.previous.mrnn")));
        Assert.NotEqual(before, File.ReadAllBytes(Checkpoint));
    }

    [Fact]
    public void To_resume_the_run_before_lets_the_two_change_places()
    {
        Run([.. Small, "--output", Output]);
        var before = File.ReadAllBytes(Checkpoint);
        Run([.. Small, "--output", Output, "--seed", "2"]);
        var other = File.ReadAllBytes(Checkpoint);
        var previous = Path.Combine(Output, "checkpoint.previous.mrnn");

        Assert.Equal(SampleProgram.Success, Run("--resume", previous).Code);
        Assert.Equal(other, File.ReadAllBytes(previous));
        Assert.Equal(Section(before), Section(File.ReadAllBytes(Checkpoint)));
        Assert.Equal(3, Directory.GetFiles(Output).Length);

        byte[] Section(byte[] checkpoint)
        {
            var copy = _directory.File("copy");
            File.WriteAllBytes(copy, checkpoint);
            return CheckpointFile.Read(copy)["model"];
        }
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_and_left_alone()
    {
        Run([.. Small, "--output", Output]);
        var damaged = File.ReadAllBytes(Checkpoint)[..^100];
        File.WriteAllBytes(Checkpoint, damaged);

        var (code, error) = Run("--resume", Checkpoint);
        Assert.Equal(SampleProgram.UserError, code);
        Assert.Contains("damaged", error);
        Assert.Equal(damaged, File.ReadAllBytes(Checkpoint));
    }

    [Fact]
    public void Options_that_contradict_the_checkpoint_are_refused()
    {
        Run([.. Small, "--output", Output]);

        var (code, error) = Run("--resume", Checkpoint, "--cell", "MinLstm");
        Assert.Equal(SampleProgram.UserError, code);
        Assert.Contains("cell MinGru, not MinLstm", error);
    }

    private static (int Code, string Error) Run(params string[] arguments)
    {
        var (standard, error) = (Console.Out, Console.Error);
        using var written = new StringWriter();
        try
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(written);
            var code = SampleProgram.Run(
                () => SelectiveCopyRun.Start(CommandLine.Parse(SelectiveCopyOptions.Declared, arguments)));
            return (code, written.ToString());
        }
        finally
        {
            Console.SetOut(standard);
            Console.SetError(error);
        }
    }
}
