using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;

return SampleProgram.Run(() =>
{
    var line = CommandLine.Parse(CharacterOptions.Declared, args);
    if (line.IsGiven("help"))
    {
        Console.Write(CommandLine.Help(
            "Trains a character model on a text and continues it.", "Samples/CharacterModel", CharacterOptions.Declared));
        return SampleProgram.Success;
    }

    return CharacterRun.Start(line);
});
