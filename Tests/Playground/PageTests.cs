using MinRnn.Tests.Playground.Browser;

namespace MinRnn.Tests.Playground;

/// <summary>The page, as a user sees it in a browser.</summary>
[Collection(BrowserCollection.Name)]
public class PageTests(BrowserFixture fixture)
{
    private const string Tabs = "[...document.querySelectorAll('[role=tab]')]";

    [BrowserTheory]
    [InlineData(1440, false)]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task Every_view_is_drawn_and_fits(int width, bool isDark)
    {
        await using var page = await fixture.OpenAsync(width, width < 600 ? 844 : 900, isDark);
        var labels = (await page.EvaluateAsync<string>(Tabs + ".map(tab => tab.textContent).join()")).Split(',');
        Assert.Equal(["Graph", "Derivative", "Memory", "Response", "CPU", "ILGPU", "PTX", "TorchSharp", "Inference"], labels);
        for (var i = 0; i < labels.Length; i++)
        {
            await page.EvaluateAsync<bool>($"{Tabs}[{i}].click() ?? true");
            await page.WaitAsync("document.querySelector('.panel:not([hidden])').querySelector('svg, pre code')");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{labels[i]} is wider than the window.");
            await page.PictureAsync($"{labels[i]}-{width}-{(isDark ? "dark" : "light")}", isWhole: true);
        }

        Assert.Empty(page.Complaints);
    }
}
