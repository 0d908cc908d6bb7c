using System.Diagnostics;
using System.Globalization;
using System.Text;
using MinRnn.Inference;
using MinRnn.Safetensors;
using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.Deployment;

/// <summary>Loads a model and streams its continuation of a text to the console.</summary>
internal static class TextRun
{
    /// <summary>Streams as many characters as were asked for.</summary>
    /// <exception cref="UserErrorException">The file or the text cannot be used.</exception>
    public static void Start(TextOptions options)
    {
        var started = Stopwatch.GetTimestamp();
        var (model, vocabulary) = Load(options);
        var prompt = options.Prompt ?? "\n";
        var stream = model.Generate([.. vocabulary.Encode(prompt).Select(token => (int)token)], options.Sampling);

        // Unbuffered: every character is seen when it is there. A model may give half of a surrogate pair alone, which has no encoding.
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        output.Write(options.Prompt);
        output.Write(vocabulary.Decode(stream.Next()));
        var first = Stopwatch.GetElapsedTime(started);
        var (allocated, streaming) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var i = 1; i < options.Characters; i++)
            output.Write(vocabulary.Decode(stream.Next()));
        var seconds = Stopwatch.GetElapsedTime(streaming).TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        output.WriteLine();
        foreach (var loss in model.QuantizationLosses)
            Console.Error.WriteLine($"{loss.Parameter}: relative error {loss.RelativeError.ToString("0.0000", CultureInfo.InvariantCulture)}");
        if (!options.Time)
            return;
        var process = DateTime.Now - Process.GetCurrentProcess().StartTime - Stopwatch.GetElapsedTime(started);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{process.TotalMilliseconds:0} ms from the process's start, {first.TotalMilliseconds:0.0} ms to load the model and give the first character; "
            + $"then {(options.Characters - 1) / seconds:0} characters a second, {allocated} bytes allocated."));
    }

    private static (ModelInference<float> Model, Vocabulary Vocabulary) Load(TextOptions options)
    {
        try
        {
            using var file = SafetensorsFile.Open(options.Model);
            var loading = new InferenceOptions { Quantize = options.Quantize };
            ModelInference<float> model = file.Metadata.GetValueOrDefault(Vocabulary.NetworkKey) switch
            {
                nameof(SmallNetwork) => SmallNetwork.Inference.Load(options.Model, loading),
                nameof(PaperNetwork) => PaperNetwork.Inference.Load(options.Model, loading),
                _ => throw new UserErrorException($"'{options.Model}' is no model of Samples/CharacterModel."),
            };
            return (model, Vocabulary.Parse(file.Metadata.GetValueOrDefault(Vocabulary.Key) ?? "", model.VocabularySize));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"There is no model '{options.Model}': train it with Samples/CharacterModel, or name another one with --model.", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            // A native program has no texts of the runtime's own.
            throw new UserErrorException($"The model '{options.Model}' cannot be read: is it a file, and may you read it?", error);
        }
        catch (SafetensorsException error)
        {
            throw new UserErrorException($"The model '{options.Model}' cannot be used: {error.Message}", error);
        }
    }
}
