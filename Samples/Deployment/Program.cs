using MinRnn.Samples.Common;
using MinRnn.Samples.Deployment;

return SampleProgram.Run(() =>
{
    var line = CommandLine.Parse(TextOptions.Declared, args);
    if (line.IsGiven("help"))
    {
        Console.Write(CommandLine.Help(
            "Continues a text with a model that Samples/CharacterModel has trained, without TorchSharp.", "Samples/Deployment", TextOptions.Declared));
        return SampleProgram.Success;
    }

    TextRun.Start(TextOptions.Read(line));
    return SampleProgram.Success;
});
