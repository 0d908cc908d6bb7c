using static TorchSharp.torch;

namespace MinRnn.Samples.Common;

/// <summary>One call of a training sample: opens what it resumes and where it writes, trains, and says how it ended.</summary>
public sealed class TrainingCommand
{
    private readonly CommandLine _line;
    private readonly string _sample;
    private readonly string? _resume;
    private readonly IReadOnlyDictionary<string, byte[]>? _sections;
    private readonly RunState? _stored;

    /// <summary>Reads the checkpoint that the command line resumes, if it does.</summary>
    /// <exception cref="UserErrorException">The checkpoint cannot be used.</exception>
    public TrainingCommand(CommandLine line, string sample)
    {
        (_sample, _resume) = (sample, line.Text("resume"));
        if (_resume is not null)
        {
            _sections = CheckpointFile.Read(_resume);
            _stored = RunState.Read(_resume, sample, _sections);
        }

        _line = _stored is null ? line : line.WithDefaults(_stored.Options);
    }

    /// <summary>The command line, with the checkpoint's options as defaults.</summary>
    public CommandLine Line => _line;

    /// <summary>Trains to the end or to Ctrl-C.</summary>
    /// <param name="options">What a resumed run has to share.</param>
    /// <param name="createModel">Makes the model.</param>
    /// <param name="task">What it is trained on.</param>
    /// <param name="settings">How.</param>
    /// <param name="description">Says what is trained, given the number of parameters.</param>
    /// <param name="report">Reports a finished run.</param>
    /// <returns>The exit code.</returns>
    public int Train(
        IReadOnlyDictionary<string, string> options, Func<nn.Module<Tensor, Tensor>> createModel,
        ITrainingTask task, TrainingSettings settings,
        Func<long, string> description, Action<TrainingRun, Trainer, RunDirectory> report)
    {
        _stored?.RequireOptions(options);
        using var trainer = new Trainer(createModel, task, settings);
        var run = new TrainingRun(_sample, options, trainer, task, settings);
        if (_stored is not null)
            run.Restore(_stored, _sections!);

        var directory = OpenDirectory();
        var steps = settings.Schedule.Steps;
        Console.WriteLine(description(trainer.ParameterCount));
        if (_stored is not null)
            Console.WriteLine($"Resumed after step {run.Step} of {steps}.");

        using var interruption = new Interruption();
        ProgressDisplay.Show(steps, progress => run.Train(directory.Checkpoint, progress, () => interruption.Requested));
        if (!run.Finished)
            return Interrupted(run, directory);
        report(run, trainer, directory);
        Console.WriteLine($"Checkpoint: {directory.Checkpoint}");
        return SampleProgram.Success;
    }

    // A resumed run stays where its checkpoint lies, unless told otherwise.
    private RunDirectory OpenDirectory()
    {
        var path = _resume is null || _line.IsGiven("output") ? _line.Text("output")! : Path.GetDirectoryName(_resume)!;
        var directory = new RunDirectory(path.Length == 0 ? "." : path);
        if (_resume is null || Path.GetFullPath(_resume) != Path.GetFullPath(directory.Checkpoint))
            directory.KeepEarlierCheckpoint(_resume);
        return directory;
    }

    private int Interrupted(TrainingRun run, RunDirectory directory)
    {
        Console.WriteLine($"Interrupted after step {run.Step}; everything is saved. To go on:");
        Console.WriteLine($"  dotnet run -c Release --project Samples/{_sample} -- --resume \"{directory.Checkpoint}\"");
        return SampleProgram.Interrupted;
    }
}
