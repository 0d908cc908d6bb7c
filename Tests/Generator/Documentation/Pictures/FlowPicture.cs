using System.Globalization;
using System.Security;
using System.Text;
using MinRnn.Generator.Planning;
using MinRnn.Samples.Playground.Drawing.Layers;

namespace MinRnn.Tests.Generator.Documentation.Pictures;

/// <summary>Draws what a cell's kernels do in one step, forward and backward, as SVG for light and dark pages.</summary>
internal sealed class FlowPicture
{
    private const double Margin = 24, LoopGap = 26, LaneGap = 12, HeadingHeight = 34, CharacterWidth = 7.3, LineHeight = 16, Padding = 9, ArrowLength = 5;
    private const int LongestLine = 30;

    private readonly StringBuilder body = new();
    private double width;
    private double height = 14;

    public static string Draw(KernelPlan plan)
    {
        var picture = new FlowPicture();
        var element = plan.Cell.IsVector ? $", for one of its {plan.Cell.StateSize} elements" : "";
        var (forward, backward) = (Flow.Forward(plan), Flow.Backward(plan));
        picture.Panel($"Forward: one step of a channel{element}", forward);
        picture.Panel("Backward: the adjoint of that step, with its values recomputed", backward);
        picture.Legend([.. forward.Boxes, .. backward.Boxes]);
        return picture.Document($"Data flow of the kernels of {plan.Cell.ShortName}");
    }

    private void Panel(string heading, Flow flow)
    {
        Text("heading", Margin, height + 18, heading);
        var layout = new FlowLayout(flow.Boxes, SizeOf);
        var (left, top) = (Margin + LoopGap, height + HeadingHeight);
        foreach (var (from, to) in layout.Pieces())
            Line(layout, from, to, left, top);
        foreach (var placed in layout.Boxes)
            Box(placed, left, top);

        var lane = top + layout.Height + LaneGap;
        var inset = 0.0;
        foreach (var result in flow.Boxes.Where(box => box.Becomes is not null).OrderByDescending(box => layout[box.Becomes!].Place))
        {
            Loop(layout[result], layout[result.Becomes!], left, top, lane, inset, left + layout.Width);
            (lane, inset) = (lane + LaneGap, inset + 6);
        }

        width = Math.Max(width, layout.Width + (2 * (Margin + LoopGap)));
        height = lane + 14;
    }

    private static (double Width, double Height) SizeOf(FlowBox box)
    {
        var lines = Lines(box);
        return ((lines.Max(line => line.Length) * CharacterWidth) + (2 * Padding), (lines.Count * LineHeight) + 8);
    }

    private static List<string> Lines(FlowBox box)
    {
        List<string> lines = box.Title.Length == 0 ? [] : [box.Title];
        var line = "";
        foreach (var word in box.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > LongestLine)
            {
                lines.Add(line);
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        return line.Length == 0 ? lines : [.. lines, line];
    }

    private void Box(Placed placed, double left, double top)
    {
        var box = placed.Box;
        var (x, y) = (left + placed.X, top + placed.Place - (placed.Height / 2));
        Rectangle(box.Kind, x, y, placed.Width, placed.Height, IsComputed(box.Kind) ? 5 : placed.Height / 2);
        foreach (var (line, i) in Lines(box).Select((line, i) => (line, i)))
        {
            var style = i == 0 && box.Title.Length > 0 ? "name" : "formula";
            Text(style, x + (placed.Width / 2), y + 16 + (i * LineHeight), line);
        }
    }

    private void Line(FlowLayout layout, Vertex from, Vertex to, double left, double top)
    {
        var start = from is Placed source ? source.X + source.Width : layout.Reach(from).Left;
        var end = to is Placed target ? target.X - ArrowLength : layout.Reach(to).Left;
        var (x, y) = (left + layout.Reach(from).Right, top + from.Place);
        var (nextX, nextY) = (left + Math.Min(layout.Reach(to).Left, end), top + to.Place);
        var middle = Number((x + nextX) / 2);
        var path = $"M{Number(left + start)} {Number(y)}H{Number(x)}"
            + $"C{middle} {Number(y)} {middle} {Number(nextY)} {Number(nextX)} {Number(nextY)}H{Number(left + end)}";
        body.Append($"""<path class="{(to.IsWay ? "part" : "line")}" d="{path}"/>""").Append('\n');
    }

    private void Loop(Placed result, Placed state, double left, double top, double lane, double inset, double right)
    {
        var outer = right + 10 + inset;
        var path = $"M{Number(left + result.X + result.Width)} {Number(top + result.Place)}H{Number(outer)}V{Number(lane)}"
            + $"H{Number(left - 12 - inset)}V{Number(top + state.Place)}H{Number(left + state.X - ArrowLength)}";
        body.Append($"""<path class="loop" d="{path}"/>""").Append('\n');
    }

    private static readonly IReadOnlyList<(FlowKind Kind, string Text)> Meanings =
    [
        (FlowKind.Input, "read in each step"),
        (FlowKind.State, "state before the step"),
        (FlowKind.Weight, "weight"),
        (FlowKind.Gradient, "gradient that comes in"),
        (FlowKind.Prepared, "computed before the first step"),
        (FlowKind.Channel, "once for all elements"),
        (FlowKind.Value, "computed"),
        (FlowKind.Result, "result"),
    ];

    private void Legend(IReadOnlyList<FlowBox> boxes)
    {
        var x = Margin;
        foreach (var (kind, text) in Meanings.Where(entry => boxes.Any(box => box.Kind == entry.Kind)))
        {
            Rectangle(kind, x, height, 22, 14, IsComputed(kind) ? 3 : 7);
            Text("note", x + 28, height + 12, text);
            x += 28 + (text.Length * 6.9) + 18;
        }

        body.Append($"""<path class="loop" d="M{Number(x)} {Number(height + 7)}H{Number(x + 24)}"/>""").Append('\n');
        Text("note", x + 34, height + 12, "to the next step that is computed");
        width = Math.Max(width, x + 34 + 215 + Margin);
        height += 28;
    }

    private void Rectangle(FlowKind kind, double x, double y, double width, double height, double radius)
    {
        var place = $"""x="{Number(x)}" y="{Number(y)}" width="{Number(width)}" height="{Number(height)}" rx="{Number(radius)}" """;
        body.Append($"""<rect class="{Name(kind)}" {place.TrimEnd()}/>""").Append('\n');
    }

    private void Text(string style, double x, double y, string text) =>
        body.Append($"""<text class="{style}" x="{Number(x)}" y="{Number(y)}">{Escape(text)}</text>""").Append('\n');

    private static bool IsComputed(FlowKind kind) => kind is FlowKind.Value or FlowKind.Prepared or FlowKind.Channel;

    private string Document(string title) =>
        $$"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Number(width)}} {{Number(height)}}" width="{{Number(width)}}" height="{{Number(height)}}" role="img">
        <title>{{Escape(title)}}</title>
        <style>
        text { font: 12px Consolas, Menlo, 'DejaVu Sans Mono', monospace; fill: #1d2733; text-anchor: middle; }
        .heading { font: 600 14px 'Segoe UI', Helvetica, Arial, sans-serif; text-anchor: start; }
        .note { font: 12px 'Segoe UI', Helvetica, Arial, sans-serif; text-anchor: start; fill: #4a5a6a; }
        .name { font-weight: 600; }
        .page { fill: #f7f9fb; }
        rect { stroke-width: 1.2; }
        .value { fill: #ffffff; stroke: #8aa0b6; }
        .prepared { fill: #fdf6e7; stroke: #b59452; stroke-dasharray: 4 3; }
        .channel { fill: #ffffff; stroke: #8aa0b6; stroke-dasharray: 4 3; }
        .input { fill: #e6f2ea; stroke: #5f9a72; }
        .state { fill: #e5eefb; stroke: #5b85c4; }
        .weight { fill: #fdf0d8; stroke: #b58a3a; }
        .gradient { fill: #f9e6ea; stroke: #bd6478; }
        .result { fill: #24425f; stroke: #24425f; }
        .result + text { fill: #ffffff; }
        .result + text.note { fill: #4a5a6a; }
        .line, .part { fill: none; stroke: #75879a; stroke-width: 1.2; }
        .line { marker-end: url(#head); }
        .loop { fill: none; stroke: #5b85c4; stroke-width: 1.6; stroke-dasharray: 6 4; stroke-linejoin: round; marker-end: url(#turn); }
        #head path { fill: #75879a; }
        #turn path { fill: #5b85c4; }
        @media (prefers-color-scheme: dark) {
        text { fill: #e2e8ee; }
        .note, .result + text.note { fill: #a9b6c3; }
        .page { fill: #151b22; }
        .value { fill: #212a34; stroke: #6c8299; }
        .prepared { fill: #332b1b; stroke: #b08f4d; }
        .channel { fill: #212a34; stroke: #6c8299; }
        .input { fill: #1d3527; stroke: #67a37b; }
        .state { fill: #1c2e4a; stroke: #6e98d8; }
        .weight { fill: #3a2f17; stroke: #c09a4e; }
        .gradient { fill: #42222b; stroke: #cf7d90; }
        .result { fill: #cfdcea; stroke: #cfdcea; }
        .result + text { fill: #151b22; }
        .line, .part { stroke: #8496a8; }
        .loop { stroke: #7ea6e0; }
        #head path { fill: #8496a8; }
        #turn path { fill: #7ea6e0; }
        }
        </style>
        <defs>
        <marker id="head" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>
        <marker id="turn" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>
        </defs>
        <rect class="page" width="{{Number(width)}}" height="{{Number(height)}}" rx="8"/>
        {{body}}</svg>

        """.ReplaceLineEndings("\n");

    private static string Name(FlowKind kind) => kind.ToString().ToLowerInvariant();

    private static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
