using MinRnn.Samples.Playground.Drawing.Layers;

namespace MinRnn.Tests.Generator.Documentation.Pictures;

/// <summary>A box at its place.</summary>
internal sealed class Placed(FlowBox box, double width, double height) : Vertex(height)
{
    public FlowBox Box => box;

    public double Width => width;

    public double Height => Size;

    /// <summary>The left side.</summary>
    public double X { get; set; }
}

/// <summary>Boxes in columns by depth, results in the last one, so that what a step delivers leaves from one side.</summary>
internal sealed class FlowLayout
{
    private const double ColumnGap = 36;

    private static readonly LayeredLayout Layers = new(gap: 12, wayGap: 8, waySize: 2);

    private readonly Dictionary<FlowBox, Placed> places = [];
    private readonly IReadOnlyList<IReadOnlyList<Vertex>> columns;
    private readonly List<(double Left, double Right)> reaches = [];

    public FlowLayout(IReadOnlyList<FlowBox> boxes, Func<FlowBox, (double Width, double Height)> sizeOf)
    {
        foreach (var box in boxes)
        {
            var (width, height) = sizeOf(box);
            var placed = places[box] = new Placed(box, width, height);
            foreach (var from in box.From)
                placed.Join(places[from]);
        }

        var last = places.Values.Max(placed => placed.Layer);
        foreach (var placed in places.Values.Where(placed => placed.Box.Kind == FlowKind.Result))
            placed.Layer = last;
        columns = Layers.Arrange([.. places.Values]);

        var x = 0.0;
        foreach (var column in columns)
        {
            var width = column.OfType<Placed>().Select(placed => placed.Width).DefaultIfEmpty(0).Max();
            reaches.Add((x, x + width));
            foreach (var placed in column.OfType<Placed>())
                placed.X = placed.Box.Kind == FlowKind.Result ? x : x + ((width - placed.Width) / 2);
            x += width + ColumnGap;
        }

        var all = columns.SelectMany(column => column).ToList();
        var top = all.Min(vertex => vertex.Place - (vertex.Size / 2));
        foreach (var vertex in all)
            vertex.Place -= top;
        Width = x - ColumnGap;
        Height = all.Max(vertex => vertex.Place + (vertex.Size / 2));
    }

    public double Width { get; }

    public double Height { get; }

    public IEnumerable<Placed> Boxes => places.Values;

    public Placed this[FlowBox box] => places[box];

    /// <summary>Where a vertex's column begins and ends: between columns alone, lines rise and fall.</summary>
    public (double Left, double Right) Reach(Vertex vertex) => reaches[vertex.Layer];

    /// <summary>Every piece of a line, from a column to the next.</summary>
    public IEnumerable<(Vertex From, Vertex To)> Pieces() =>
        columns.SelectMany(column => column).SelectMany(from => from.To.Select(to => (from, to.Vertex)));
}
