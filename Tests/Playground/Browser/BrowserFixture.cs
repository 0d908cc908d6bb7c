using MinRnn.Samples.Playground.Server;
using MinRnn.Samples.Playground.Workers;

namespace MinRnn.Tests.Playground.Browser;

/// <summary>A playground and a browser, for all tests of the page.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private PlaygroundServer? server;
    private Chromium? chromium;

    internal Uri Address => server!.Address;

    public async Task InitializeAsync()
    {
        if (Chromium.Find() is null)
            return;

        // Other tests may keep this machine busy.
        server = await PlaygroundServer.StartAsync(0, WorkerLimits.Default with { Time = TimeSpan.FromSeconds(60) });
        chromium = await Chromium.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (chromium is not null)
            await chromium.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>Opens the page and waits until its first example is compiled.</summary>
    internal async Task<BrowserPage> OpenAsync(int width = 1280, int height = 900, bool isDark = false, string fragment = "")
    {
        var page = await BrowserPage.OpenAsync(chromium!, new Uri(Address, fragment), width, height, isDark);
        await page.WaitAsync("document.getElementById('status')?.textContent.startsWith('Compiled')");
        return page;
    }
}

/// <summary>Tests of the page: they share the browser, and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "Browser";
}
