using MinRnn.Samples.Common;
using MinRnn.Torch;

namespace MinRnn.Samples.CharacterModel;

/// <summary>One call of the sample: a new run or a resumed one, then its report and a sample of text.</summary>
public static class CharacterRun
{
    private const int DefaultPrompt = 64;

    /// <summary>Trains, reports, and continues a text.</summary>
    /// <returns>The exit code.</returns>
    public static int Start(CommandLine line)
    {
        var command = new TrainingCommand(line, CharacterOptions.Sample);
        var options = CharacterOptions.Read(command.Line);
        var corpus = Corpus.Load(options.Text, options.Length);
        var vocabulary = corpus.Vocabulary;
        if (options.Prompt is not null)
            vocabulary.Encode(options.Prompt);

        var shared = new Dictionary<string, string>(options.ToDictionary()) { ["text fingerprint"] = corpus.Fingerprint };
        return command.Train(
            shared,
            () => options.Paper
                ? new PaperNetwork(vocabularySize: vocabulary.Size)
                : new SmallNetwork(vocabularySize: vocabulary.Size),
            new CharacterTask(corpus, options.Length, options.Batch),
            options.Settings(),
            parameters => Describe(options, corpus, parameters),
            (run, trainer, directory) => Report(run, trainer, options, corpus, directory));
    }

    private static void Report(
        TrainingRun run, Trainer trainer, CharacterOptions options, Corpus corpus, RunDirectory directory)
    {
        var model = (SequenceModule)trainer.Model;
        RunReport.Print(run, trainer.ParameterCount, trainer.Evaluate(full: true), "Nats per character");
        var prompt = options.Prompt ?? corpus.HeldOutText[..Math.Min(DefaultPrompt, corpus.HeldOutText.Length)];
        var sampler = new Sampler(model, corpus.Vocabulary, options.Temperature, new SeededRandom(options.Seed, stream: 2));
        Console.WriteLine($"--- Continued after {prompt.Length} characters, temperature {options.Temperature} ---");
        Console.WriteLine($"{prompt}|{sampler.Continue(prompt, options.Characters)}");
        Console.WriteLine("---");
        model.SaveSafetensors(directory.Model, new Dictionary<string, string>
        {
            [Vocabulary.Key] = corpus.Vocabulary.ToString(),
            [Vocabulary.NetworkKey] = model.GetType().Name,
        });
        Console.WriteLine($"Model:      {directory.Model} (Samples/Deployment continues texts with it)");
        if (TrainingPlot.Save(directory.Plot, $"Characters of {corpus.Name}", run.History))
            Console.WriteLine($"Plot:       {directory.Plot}");
    }

    private static string Describe(CharacterOptions options, Corpus corpus, long parameters) =>
        $"Characters of {corpus.Name}: {corpus.Training.Length:N0} to train on, {corpus.HeldOut.Length:N0} held out, "
        + $"{corpus.Vocabulary.Size} different; {parameters:N0} parameters; "
        + $"batch {options.Batch} of {options.Length}, {options.Steps} steps.";
}
