using System.Reflection;
using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;
using Xunit;

namespace MinRnn.Tests.Samples;

public class OptionTests
{
    [Fact]
    public void Defaults_are_the_configuration_that_learns()
    {
        var options = Read();

        Assert.Equal(("MinGru", 64, 2), (options.Model.Cell, options.Model.Width, options.Layers));
        Assert.Equal((64, 8), (options.Length, options.DataTokens));
        Assert.Equal((4000, 1, 32, 0.005), (options.Steps, options.Seed, options.Batch, options.Rate));
        Assert.Equal(0.98, options.Settings().TargetAccuracy);
    }

    [Fact]
    public void Both_spellings_of_a_value_are_read() =>
        Assert.Equal((32, 0.01), (Read("--width=32").Model.Width, Read("--rate", "1e-2").Rate));

    [Fact]
    public void A_long_task_has_the_smaller_batch_unless_told_otherwise()
    {
        Assert.Equal(16, Read("--length", "128").Batch);
        Assert.Equal(8, Read("--length", "128", "--batch", "8").Batch);
    }

    [Theory]
    [InlineData("--cell", "mingru", "--width", "64", "--depth", "2")]
    [InlineData("--width")]
    [InlineData("width")]
    [InlineData("--help=yes")]
    [InlineData("--seed", "1", "--seed", "2")]
    [InlineData("--steps", "0")]
    [InlineData("--steps", "many")]
    [InlineData("--rate", "0")]
    [InlineData("--rate", "NaN")]
    [InlineData("--target", "101")]
    [InlineData("--length", "12")]
    [InlineData("--resume", "")]
    [InlineData("--output=")]
    [InlineData("--length", "1048576", "--batch", "65536")]
    public void A_wrong_command_line_is_one_sentence(params string[] arguments)
    {
        var error = Assert.Throws<UserErrorException>(() => Read(arguments));

        Assert.DoesNotContain('\n', error.Message);
        Assert.EndsWith(".", error.Message);
    }

    [Theory]
    [InlineData("--width", "48")]
    [InlineData("--cell", "Lstm")]
    public void An_undeclared_model_lists_the_declared_ones(params string[] arguments)
    {
        var error = Assert.Throws<UserErrorException>(() => Read(arguments));

        Assert.Contains("MinGru 32, 64, 128", error.Message);
        Assert.Contains("LogMinLstm 32, 64, 128", error.Message);
    }

    [Fact]
    public void Every_declared_model_is_what_its_name_says()
    {
        Assert.Equal(12, Models.All.DistinctBy(model => (model.Cell, model.Width)).Count());
        foreach (var declared in Models.All)
        {
            using var model = declared.Create(1);
            var attribute = model.GetType().GetCustomAttribute<SequenceModelAttribute>()!;
            Assert.Equal((declared.Cell, declared.Width), (attribute.Cell.Name, attribute.Width));
        }
    }

    [Fact]
    public void Stored_options_are_the_defaults_of_a_resumed_run_and_no_other_is_accepted()
    {
        var stored = Read("--width", "32", "--rate", "5e-3").ToDictionary();
        var state = new RunState(SelectiveCopyOptions.Sample, stored, 0, 0, [], default, 0, 0);
        SelectiveCopyOptions Resumed(params string[] arguments) =>
            SelectiveCopyOptions.Read(CommandLine.Parse(SelectiveCopyOptions.Declared, arguments).WithDefaults(stored));

        state.RequireOptions(Resumed("--rate", "0.005").ToDictionary());
        Assert.Equal(32, Resumed().Model.Width);
        var error = Assert.Throws<UserErrorException>(() => state.RequireOptions(Resumed("--width", "64").ToDictionary()));
        Assert.Contains("width 32, not 64", error.Message);
    }

    [Fact]
    public void The_papers_setting_needs_a_text_and_brings_its_own_defaults()
    {
        CharacterOptions ReadCharacter(params string[] arguments) =>
            CharacterOptions.Read(CommandLine.Parse(CharacterOptions.Declared, arguments));

        Assert.Throws<UserErrorException>(() => ReadCharacter("--paper"));
        var paper = ReadCharacter("--paper", "--text", "some.txt", "--steps", "5");
        Assert.Equal((64, 0.001, 5), (paper.Batch, paper.Rate, paper.Steps));
        Assert.Equal((0.001, 0.25), (paper.Settings().Schedule.Rate(4), paper.Settings().Clip));
        Assert.Equal(16, ReadCharacter().Batch);
    }

    [Fact]
    public void Help_names_every_option()
    {
        var help = CommandLine.Help("Summary.", "Samples/SelectiveCopy", SelectiveCopyOptions.Declared);

        Assert.All(SelectiveCopyOptions.Declared, option => Assert.Contains($"--{option.Name}", help));
    }

    private static SelectiveCopyOptions Read(params string[] arguments) =>
        SelectiveCopyOptions.Read(CommandLine.Parse(SelectiveCopyOptions.Declared, arguments));
}
