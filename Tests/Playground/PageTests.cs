using MinRnn.Samples.Playground.Compilation;
using MinRnn.Tests.Playground.Browser;

namespace MinRnn.Tests.Playground;

/// <summary>The page, as a user sees it in a browser.</summary>
[Collection(BrowserCollection.Name)]
public class PageTests(BrowserFixture fixture)
{
    private const string Tabs = "[...document.querySelectorAll('[role=tab]')]";
    private const string Status = "document.getElementById('status').textContent";

    private const string Gru =
        """
        using MinRnn; using static MinRnn.CellMath;
        [RecurrentCell]
        public static partial class Gru
        {
            public static float Step([State] float h, float gate, float candidate) => Lerp(h, candidate, Sigmoid(gate));
        }
        """;

    [BrowserTheory]
    [InlineData(1440, false)]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task Every_view_is_drawn_fits_and_can_be_read(int width, bool isDark)
    {
        await using var page = await fixture.OpenAsync(width, width < 600 ? 844 : 900, isDark);
        var labels = (await page.EvaluateAsync<string>(Tabs + ".map(tab => tab.textContent).join()")).Split(',');
        Assert.Equal(["Graph", "Derivative", "Memory", "Response", "CPU", "ILGPU", "PTX", "TorchSharp", "Inference"], labels);
        for (var i = 0; i < labels.Length; i++)
        {
            await page.EvaluateAsync<bool>($"{Tabs}[{i}].click() ?? true");
            await page.WaitAsync("document.querySelector('.panel:not([hidden])').querySelector('svg, pre code')");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{labels[i]} is wider than the window.");
            Assert.Equal("", await page.EvaluateAsync<string>(Contrast.Faint));
            await page.PictureAsync($"{labels[i]}-{width}-{(isDark ? "dark" : "light")}", isWhole: true);
        }

        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task What_is_typed_is_compiled_at_once_and_errors_stand_at_their_place()
    {
        await using var page = await fixture.OpenAsync();
        await page.ReplaceSourceAsync(Gru.Replace("Sigmoid(gate)", "MathF.Round(gate)", StringComparison.Ordinal));
        await page.WaitAsync(Status + ".startsWith('1 error')");
        Assert.StartsWith("MathF.Round", await page.EvaluateAsync<string>("[...document.querySelectorAll('#highlight .d-error')].map(e => e.textContent).join('')"), StringComparison.Ordinal);
        Assert.Equal("5", await page.EvaluateAsync<string>("document.querySelector('#gutter .d-error').textContent"));
        await page.EvaluateAsync<bool>("document.querySelector('#diagnostics button').click() ?? true");
        Assert.StartsWith("MathF.Round", await page.EvaluateAsync<string>("getSelection().toString()"), StringComparison.Ordinal);
        await page.EvaluateAsync<bool>("document.querySelector('#diagnostics summary').click() ?? true");
        await page.WaitAsync("document.querySelector('#diagnostics details pre')");
        Assert.Contains("CellMath", await page.EvaluateAsync<string>("document.querySelector('#diagnostics details').textContent"), StringComparison.Ordinal);
        await page.PictureAsync("Error");

        await page.ReplaceSourceAsync(Gru);
        await page.WaitAsync(Status + " === 'Compiled.' && document.getElementById('layer-name').textContent === 'GruLayer'");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('#diagnostics li, #highlight .d-error').length"));
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task Every_example_can_be_chosen()
    {
        await using var page = await fixture.OpenAsync();
        foreach (var name in Examples.All.Select(example => example.Name))
        {
            await page.EvaluateAsync<bool>($$"""{ const menu = document.getElementById('example'); menu.value = '{{name}}'; menu.dispatchEvent(new Event('change')); true }""");
            await page.WaitAsync($"document.getElementById('layer-name').textContent === '{name}Layer' && {Status}.startsWith('Compiled')");
            await page.EvaluateAsync<bool>($"{Tabs}[1].click() ?? true");
            await page.PictureAsync("Derivative of " + name, isWhole: true);
            await page.EvaluateAsync<bool>($"{Tabs}[0].click() ?? true");
            await page.PictureAsync("Graph of " + name, isWhole: true);
        }

        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task The_keyboard_reaches_everything_and_leaves_the_editor()
    {
        await using var page = await fixture.OpenAsync();
        const string Focus = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName";
        var path = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            await page.PressAsync("Tab");
            path.Add(await page.EvaluateAsync<string>(Focus));
        }

        Assert.Equal(["skip", "example", "share", "source", "tab-graph", "panel-graph"], path.Take(6));
        Assert.DoesNotContain(path, place => place == "BODY" && path.IndexOf(place) < 6);

        await page.EvaluateAsync<bool>("document.getElementById('tab-graph').focus() ?? true");
        await page.PressAsync("ArrowRight");
        Assert.Equal("tab-derivative", await page.EvaluateAsync<string>(Focus));
        await page.PressAsync("End");
        Assert.Equal("tab-inference", await page.EvaluateAsync<string>(Focus));
        Assert.Equal("true", await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-selected')"));
        await page.PressAsync("ArrowRight");
        Assert.Equal("tab-graph", await page.EvaluateAsync<string>(Focus));
        await page.PressAsync("Tab", withShift: true);
        Assert.Equal("source", await page.EvaluateAsync<string>(Focus));

        // A new line is indented as the one before.
        await page.EvaluateAsync<bool>("{ const s = document.getElementById('source'); s.value = '    x'; s.setSelectionRange(5, 5); true }");
        await page.PressAsync("Enter");
        Assert.Equal("    x\n    ", await page.EvaluateAsync<string>("document.getElementById('source').value"));
    }

    /// <summary>Whatever can be pressed, chosen or typed into has a name that is read out.</summary>
    [BrowserFact]
    public async Task Every_control_has_a_name()
    {
        await using var page = await fixture.OpenAsync();
        foreach (var tab in new[] { 0, 3, 4, 6 })
        {
            await page.EvaluateAsync<bool>($"{Tabs}[{tab}].click() ?? true");
            await page.WaitAsync("document.querySelector('.panel:not([hidden])').querySelector('svg, pre code')");
            var nodes = (await page.SendAsync("Accessibility.getFullAXTree"))["nodes"]!.AsArray();
            var controls = nodes.Where(node => !(bool)node!["ignored"]!)
                .Select(node => (Role: (string?)node!["role"]?["value"], Name: (string?)node["name"]?["value"]))
                .Where(control => control.Role is "button" or "textbox" or "combobox" or "tab" or "tabpanel" or "spinbutton" or "image" or "region" or "link").ToList();
            Assert.True(controls.Count > 15, $"{controls.Count} controls.");
            Assert.All(controls, control => Assert.False(string.IsNullOrWhiteSpace(control.Name), $"A {control.Role} has no name."));
        }
    }

    [BrowserFact]
    public async Task A_link_carries_the_source()
    {
        string fragment;
        const string Source = Gru + "\n// Größe: 日本語 😀\n";
        await using (var page = await fixture.OpenAsync())
        {
            await page.ReplaceSourceAsync(Source);
            await page.WaitAsync("document.getElementById('layer-name').textContent === 'GruLayer' && location.hash.startsWith('#code=')");
            fragment = await page.EvaluateAsync<string>("import('/share.js').then(share => share.toFragment(document.getElementById('source').value))");
            await page.WaitAsync($"location.hash === '{fragment}'");
        }

        await using (var page = await fixture.OpenAsync(fragment: fragment))
        {
            Assert.Equal(Source, await page.EvaluateAsync<string>("document.getElementById('source').value"));
            await page.WaitAsync("document.getElementById('layer-name').textContent === 'GruLayer'");
            Assert.Null(await page.EvaluateAsync<string?>("import('/share.js').then(share => share.fromFragment('#code=broken'))"));
            Assert.Empty(page.Complaints);
        }
    }

    /// <summary>A link may come from anybody: what it holds is text, wherever it shows up, and no other server is asked.</summary>
    [BrowserFact]
    public async Task Typed_markup_stays_text()
    {
        await using var page = await fixture.OpenAsync();
        const string Markup = "<img src=x onerror=alert(1)><script>document.title='taken'</script>";
        await page.ReplaceSourceAsync($"// {Markup}\n{Gru}\n#error {Markup}\n");
        await page.WaitAsync(Status + ".startsWith('1 error')");
        Assert.Contains(Markup, await page.EvaluateAsync<string>("document.getElementById('diagnostics').textContent"), StringComparison.Ordinal);
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('img, main script').length"));
        Assert.Equal("MinRnnGen playground", await page.EvaluateAsync<string>("document.title"));
        Assert.All(page.Requests, address => Assert.StartsWith(fixture.Address.ToString(), address, StringComparison.Ordinal));
        Assert.Empty(page.Complaints);
    }

    [BrowserFact]
    public async Task The_response_follows_its_values()
    {
        await using var page = await fixture.OpenAsync();
        await page.ReplaceSourceAsync(Gru);
        await page.WaitAsync("document.getElementById('layer-name').textContent === 'GruLayer'");
        await page.EvaluateAsync<bool>($"{Tabs}[3].click() ?? true");
        await page.WaitAsync("document.querySelector('.k-output[d]')");
        var before = await page.EvaluateAsync<string>("document.querySelector('.k-output[d]').getAttribute('d')");
        await page.EvaluateAsync<bool>("{ const f = document.querySelector('[aria-label=\"candidate impulse\"]'); f.focus(); f.select(); true }");
        await page.TypeAsync("-2");
        await page.WaitAsync($"document.querySelector('.k-output[d]').getAttribute('d') !== '{before}'");
        Assert.Equal("-1.46212", await page.EvaluateAsync<string>("document.querySelectorAll('details tbody tr')[4].querySelector('td').textContent"));
        Assert.Equal("candidate impulse", await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label')"));
        Assert.Empty(page.Complaints);
    }
}
