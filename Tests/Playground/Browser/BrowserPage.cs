using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace MinRnn.Tests.Playground.Browser;

/// <summary>A tab of the browser: what a user sees and presses, and what went wrong in it.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private const string Thrown = "exception: ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DevTools tools;
    private readonly string session, target, context;

    private BrowserPage(DevTools tools, string session, string target, string context)
    {
        (this.tools, this.session, this.target, this.context) = (tools, session, target, context);
        tools.Happened += Note;
    }

    /// <summary>Exceptions, messages of the console, and what the content policy refused.</summary>
    public ConcurrentQueue<string> Complaints { get; } = [];

    /// <summary>Every address that the page asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Opens an address in a tab with storage of its own.</summary>
    public static async Task<BrowserPage> OpenAsync(Chromium browser, Uri address, int width = 1280, int height = 900, bool isDark = false)
    {
        var tools = browser.Tools;
        var context = (string)(await tools.SendAsync("Target.createBrowserContext"))["browserContextId"]!;
        var target = (string)(await tools.SendAsync("Target.createTarget", new() { ["url"] = "about:blank", ["browserContextId"] = context }))["targetId"]!;
        var session = (string)(await tools.SendAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        var page = new BrowserPage(tools, session, target, context);
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network", "Accessibility" })
            await page.SendAsync(domain + ".enable");
        await page.SendAsync("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = width < 600,
        });
        await page.SendAsync("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }),
        });
        await page.SendAsync("Page.navigate", new() { ["url"] = address.ToString() });
        return page;
    }

    public Task<JsonNode> SendAsync(string method, JsonObject? parameters = null) => tools.SendAsync(method, parameters, session);

    /// <summary>The value of an expression of JavaScript.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var reply = await SendAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        if (reply["exceptionDetails"] is { } exception)
            throw new InvalidOperationException($"{expression}: {exception}");
        return reply["result"]!.AsObject().TryGetPropertyValue("value", out var value) && value is not null ? value.GetValue<T>() : default!;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitAsync(string condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await EvaluateAsync<bool>($"Boolean({condition})"))
        {
            if (watch.Elapsed > Patience || Complaints.Any(complaint => complaint.StartsWith(Thrown, StringComparison.Ordinal)))
                throw new TimeoutException($"Never true: {condition}. The page says: {await EvaluateAsync<string>("document.body.innerText.slice(0, 2000)")} {string.Join('\n', Complaints)}");
            await Task.Delay(50);
        }
    }

    /// <summary>Types text where the focus is.</summary>
    public Task TypeAsync(string text) => SendAsync("Input.insertText", new() { ["text"] = text });

    /// <summary>Presses a key, such as Tab, Enter or ArrowRight.</summary>
    public async Task PressAsync(string key, bool withShift = false)
    {
        var code = key switch { "Tab" => 9, "Enter" => 13, "End" => 35, "Home" => 36, "ArrowLeft" => 37, "ArrowRight" => 39, _ => throw new ArgumentException(key, nameof(key)) };
        var parameters = new JsonObject
        {
            ["type"] = "keyDown",
            ["key"] = key,
            ["code"] = key,
            ["windowsVirtualKeyCode"] = code,
            ["modifiers"] = withShift ? 8 : 0,
        };
        if (key == "Enter")
            parameters["text"] = "\r";
        await SendAsync("Input.dispatchKeyEvent", parameters);
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code });
    }

    /// <summary>Replaces the editor's text as a user would who selects all and types.</summary>
    public async Task ReplaceSourceAsync(string source)
    {
        await EvaluateAsync<bool>("document.getElementById('source').focus() ?? document.getElementById('source').select() ?? true");
        await TypeAsync(source);
    }

    /// <summary>Writes a picture of the page, whole or as the window shows it, if MINRNN_SCREENSHOTS names a folder.</summary>
    public async Task PictureAsync(string name, bool isWhole = false)
    {
        if (Environment.GetEnvironmentVariable("MINRNN_SCREENSHOTS") is not { Length: > 0 } folder)
            return;
        var picture = (string)(await SendAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = isWhole }))["data"]!;
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), Convert.FromBase64String(picture));
    }

    public async ValueTask DisposeAsync()
    {
        tools.Happened -= Note;
        await tools.SendAsync("Target.closeTarget", new() { ["targetId"] = target });
        await tools.SendAsync("Target.disposeBrowserContext", new() { ["browserContextId"] = context });
    }

    private void Note(string from, string name, JsonNode what)
    {
        if (from != session)
            return;
        switch (name)
        {
            case "Runtime.exceptionThrown":
                Complaints.Enqueue(Thrown + what["exceptionDetails"]!.ToJsonString());
                break;
            case "Runtime.consoleAPICalled":
                Complaints.Enqueue(what["args"]!.ToJsonString());
                break;
            case "Log.entryAdded":
                Complaints.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{what["entry"]!["level"]}: {what["entry"]!["text"]} {what["entry"]!["url"]}"));
                break;
            case "Network.requestWillBeSent":
                Requests.Enqueue((string)what["request"]!["url"]!);
                break;
        }
    }
}
