using System.Diagnostics;

namespace MinRnn.Tests.Playground.Browser;

/// <summary>A headless Chromium of this machine.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly DirectoryInfo profile;

    private Chromium(Process process, DirectoryInfo profile, DevTools tools) => (this.process, this.profile, Tools) = (process, profile, tools);

    public DevTools Tools { get; }

    /// <summary>The program; null where there is none. MINRNN_CHROMIUM names one in another place.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable("MINRNN_CHROMIUM") is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable", "chrome.exe" }
                .Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    public static async Task<Chromium> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("minrnn-chromium-");
        var process = Process.Start(new ProcessStartInfo(Find()!,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--remote-debugging-port=0", "--user-data-dir=" + profile.FullName, "about:blank",
        ])
        { RedirectStandardError = true, UseShellExecute = false })!;
        var announced = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                announced.TrySetException(new InvalidOperationException("Chromium ended before it listened."));
            else if (line.Data.StartsWith(Announcement, StringComparison.Ordinal))
                announced.TrySetResult(line.Data[Announcement.Length..]);
        };
        process.BeginErrorReadLine();
        return new Chromium(process, profile, await DevTools.ConnectAsync(new Uri(await announced.Task.WaitAsync(StartTime))));
    }

    public async ValueTask DisposeAsync()
    {
        await Tools.DisposeAsync();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        try
        {
            profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A child that is not gone yet may still write there.
        }
    }
}
