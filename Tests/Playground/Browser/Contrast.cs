namespace MinRnn.Tests.Playground.Browser;

/// <summary>Whether text can be read, by the Web Content Accessibility Guidelines 2.2.</summary>
internal static class Contrast
{
    /// <summary>
    /// JavaScript that lists the visible texts whose contrast to what is behind them is below 4.5, the least of level AA. Texts in
    /// pictures are held against the shape that they stand in.
    /// </summary>
    public const string Faint =
        """
        (() => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgba = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a / 255 + under[i] * (1 - a / 255));
          const behind = element => {
            const layers = [];
            let opacity = 1;
            for (let e = element; e; e = e.parentElement) {
              const style = getComputedStyle(e);
              opacity *= style.opacity;
              const shape = e.matches('g.node') ? e.querySelector('rect, polygon') : null;
              layers.push(rgba(shape ? getComputedStyle(shape).fill : style.backgroundColor));
            }
            return [layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]), opacity];
          };
          const light = color => color.map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const faint = new Set();
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('textarea, option, noscript, .skip')) continue;
            const style = getComputedStyle(element);
            const [back, opacity] = behind(element);
            const color = rgba(element.closest('svg') ? style.fill : style.color);
            color[3] *= opacity;
            const [a, b] = [light(over(color, back)), light(back)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < 4.5) faint.add(`${ratio.toFixed(2)}: ${element.tagName}.${element.className.baseVal ?? element.className} '${walker.currentNode.data.trim().slice(0, 30)}'`);
          }
          return [...faint].join('\n');
        })()
        """;
}
