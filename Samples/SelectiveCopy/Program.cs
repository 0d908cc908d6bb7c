using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;

return SampleProgram.Run(() =>
{
    var line = CommandLine.Parse(SelectiveCopyOptions.Declared, args);
    if (line.IsGiven("help"))
    {
        Console.Write(CommandLine.Help(
            "Trains a small network to copy selected tokens.", "Samples/SelectiveCopy", SelectiveCopyOptions.Declared));
        return SampleProgram.Success;
    }

    return SelectiveCopyRun.Start(line);
});
