using System.Diagnostics;
using System.Text;

namespace MinRnn.Tests.Packages;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CommandResult(int Code, string Output)
{
    public CommandResult Succeeds()
    {
        Assert.True(Code == 0, Output);
        return this;
    }

    public CommandResult Fails()
    {
        Assert.True(Code != 0, Output);
        return this;
    }
}

/// <summary>Runs <c>dotnet</c> and programs as someone at a terminal does: without what the test's own host has put into the environment.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static CommandResult Run(string folder, params string[] arguments) => Start(folder, "dotnet", arguments);

    public static CommandResult Start(string folder, string program, params string[] arguments)
    {
        var information = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in information.Environment.Keys.Where(IsOfTheHost).ToArray())
            information.Environment.Remove(name);
        information.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        information.Environment["DOTNET_NOLOGO"] = "1";
        information.Environment["MSBUILDDISABLENODEREUSE"] = "1";

        var text = new StringBuilder();
        using var process = new Process { StartInfo = information };
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took more than {Limit}:\n{text}");
        }

        process.WaitForExit();
        return new CommandResult(process.ExitCode, text.ToString());

        void Add(string? line)
        {
            lock (text)
                text.AppendLine(line);
        }
    }

    private static bool IsOfTheHost(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_HOST_PATH" or "CONFIGURATION" or "PLATFORM";
}
