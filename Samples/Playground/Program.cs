using MinRnn.Samples.Common;
using MinRnn.Samples.Playground.Server;
using MinRnn.Samples.Playground.Workers;

IReadOnlyList<Option> options =
[
    new("port", "N", "the port of the page on 127.0.0.1; 0 for any that is free", "5180"),
    new("help", null, "this text"),
];

return SampleProgram.Run(() =>
{
    if (args is [WorkerLoop.Verb])
        return WorkerLoop.Run();
    var line = CommandLine.Parse(options, args);
    if (line.IsGiven("help"))
    {
        Console.Write(CommandLine.Help("Serves a page on which cells are typed and looked at.", "Samples/Playground", options));
        return SampleProgram.Success;
    }

    ServeAsync(line.Integer("port", 0, ushort.MaxValue)).GetAwaiter().GetResult();
    return SampleProgram.Success;
});

static async Task ServeAsync(int port)
{
    await using var server = await PlaygroundServer.StartAsync(port, WorkerLimits.Default);
    Console.WriteLine($"The playground is at {server.Address} until Ctrl-C.");
    await server.WaitAsync();
}
