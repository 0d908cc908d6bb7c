using System.Globalization;
using MinRnn.Generator.Recurrence;
using MinRnn.Samples.Playground.Drawing.Layers;

namespace MinRnn.Samples.Playground.Drawing;

/// <summary>A graph with places: operands above their users, which they enter from left to right.</summary>
/// <param name="Width">Of the whole, in pixels.</param>
/// <param name="Height">The same.</param>
/// <param name="Nodes">Boxes, by their upper left corners.</param>
/// <param name="Edges">Lines, as paths of SVG.</param>
internal sealed record GraphDrawing(double Width, double Height, IReadOnlyList<DrawnNode> Nodes, IReadOnlyList<DrawnEdge> Edges)
{
    private const double Margin = 16, NodeHeight = 42, LayerPitch = 78;

    private static readonly LayeredLayout Layout = new(gap: 18, wayGap: 18, waySize: 14);

    /// <summary>Draws what leads to named results.</summary>
    /// <param name="results">The results, each with its role.</param>
    public static GraphDrawing Of(IReadOnlyList<(string Name, string Role, Expr Value)> results)
    {
        var vertices = VerticesOf(results);
        Layout.Arrange(vertices);
        var real = vertices.OfType<Box>().ToList();
        var places = real.Select((vertex, place) => (vertex, place)).ToDictionary(entry => entry.vertex, entry => entry.place);
        var left = vertices.Min(vertex => vertex.Place - (vertex.Size / 2)) - Margin;
        var nodes = real.Select(vertex => new DrawnNode(
            Round(vertex.Place - (vertex.Size / 2) - left),
            Round(Top(vertex)),
            vertex.Size,
            NodeHeight,
            vertex.Label.Title,
            vertex.Label.Detail,
            vertex.Label.Role)).ToList();
        var edges = real.SelectMany(vertex => vertex.From.Select(link => EdgeOf(link, vertex, left, places))).ToList();
        return new GraphDrawing(
            Round(vertices.Max(vertex => vertex.Place + (vertex.Size / 2)) - left + Margin),
            Round((2 * Margin) + (vertices.Max(vertex => vertex.Layer) * LayerPitch) + NodeHeight),
            nodes,
            edges);
    }

    private static List<Vertex> VerticesOf(IReadOnlyList<(string Name, string Role, Expr Value)> results)
    {
        var vertices = new List<Vertex>();
        var known = new Dictionary<Expr, Vertex>();
        foreach (var node in results.Select(result => result.Value).Reachable().Where(node => !node.IsConstant))
        {
            var vertex = new Box(NodeLabel.Of(node));
            var operands = node.Operands.Where(operand => !operand.IsConstant).ToList();
            for (var i = 0; i < operands.Count; i++)
                vertex.Join(known[operands[i]], vertex.Size * (((i + 1.0) / (operands.Count + 1)) - 0.5));
            vertices.Add(known[node] = vertex);
        }

        foreach (var (name, role, value) in results)
        {
            var vertex = new Box(value.IsConstant
                ? new NodeLabel($"{name} = {Glyphs.Number(value.Value)}", role, role)
                : new NodeLabel(name, role, role));
            if (!value.IsConstant)
                vertex.Join(known[value]);
            vertices.Add(vertex);
        }

        // Parameters stand right above their first user.
        foreach (var vertex in vertices.Where(vertex => vertex.From.Count == 0 && vertex.To.Count > 0))
            vertex.Layer = vertex.To.Min(link => link.Vertex.Layer) - 1;
        return vertices;
    }

    /// <summary>A line from an operand through the places that are kept free for it.</summary>
    private static DrawnEdge EdgeOf(Link link, Box to, double left, Dictionary<Box, int> places)
    {
        var points = new List<(double X, double Y)> { (to.Place + link.Port - left, Top(to)) };
        var from = link.Vertex;
        while (from.IsWay)
        {
            points.Add((from.Place - left, Top(from) + NodeHeight));
            points.Add((from.Place - left, Top(from)));
            from = from.From[0].Vertex;
        }

        points.Add((from.Place - left, Top(from) + NodeHeight));
        points.Reverse();
        var path = $"M{Text(points[0].X)} {Text(points[0].Y)}";
        for (var i = 1; i < points.Count; i++)
        {
            var ((x0, y0), (x1, y1)) = (points[i - 1], points[i]);
            var middle = (y0 + y1) / 2;
            path += x0 == x1 ? $"V{Text(y1)}" : $"C{Text(x0)} {Text(middle)} {Text(x1)} {Text(middle)} {Text(x1)} {Text(y1)}";
        }

        return new DrawnEdge(places[(Box)from], places[to], path);
    }

    private static double Top(Vertex vertex) => Margin + (vertex.Layer * LayerPitch);

    private sealed class Box(NodeLabel label) : Vertex(label.Width)
    {
        public NodeLabel Label => label;
    }

    private static double Round(double value) => Math.Round(value, 1);

    private static string Text(double value) => Round(value).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A box: a value, a parameter, or a result.</summary>
/// <param name="X">Its left side.</param>
/// <param name="Y">Its upper side.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Title">The operator, or a name.</param>
/// <param name="Detail">The user's name of the value, or the role; empty where there is none.</param>
/// <param name="Role">What decides on its shape and colour.</param>
internal sealed record DrawnNode(double X, double Y, double Width, double Height, string Title, string Detail, string Role);

/// <summary>A line between boxes.</summary>
/// <param name="From">The place of the upper box in the list of nodes.</param>
/// <param name="To">The same of the lower one.</param>
/// <param name="Path">A path of SVG.</param>
internal sealed record DrawnEdge(int From, int To, string Path);
