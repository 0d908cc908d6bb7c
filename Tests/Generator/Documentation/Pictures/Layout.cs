namespace MinRnn.Tests.Generator.Documentation.Pictures;

/// <summary>A box at its place, or where a long line passes through a column.</summary>
internal sealed class Placed(FlowBox? box, int column, double width, double height)
{
    public FlowBox? Box => box;

    public int Column => column;

    public double Width => width;

    public double Height => height;

    public double X { get; set; }

    /// <summary>Where the column begins and ends: between columns alone, lines rise and fall.</summary>
    public (double Left, double Right) Reach { get; set; }

    /// <summary>The middle.</summary>
    public double Y { get; set; }

    public List<Placed> From { get; } = [];

    public List<Placed> To { get; } = [];
}

/// <summary>
/// A layered drawing: columns by depth, lines over several columns led through each, the order within a column by the places of
/// neighbours, so that few lines cross.
/// </summary>
internal sealed class Layout
{
    private const double ColumnGap = 36, BoxGap = 12, LineGap = 8, Pull = 0.93;
    private const int Sweeps = 24;

    private readonly List<List<Placed>> columns = [];
    private readonly Dictionary<FlowBox, Placed> places = [];

    public Layout(IReadOnlyList<FlowBox> boxes, Func<FlowBox, (double Width, double Height)> sizeOf)
    {
        var depths = new Dictionary<FlowBox, int>();
        foreach (var box in boxes)
            depths[box] = box.From.Count == 0 ? 0 : 1 + box.From.Max(from => depths[from]);
        var last = depths.Values.Max();
        for (var i = 0; i <= last; i++)
            columns.Add([]);
        foreach (var box in boxes)
        {
            var (width, height) = sizeOf(box);
            places[box] = Add(new Placed(box, box.Kind == FlowKind.Result ? last : depths[box], width, height));
        }

        foreach (var box in boxes)
        {
            foreach (var from in box.From)
                Connect(places[from], places[box]);
        }

        Order();
        for (var pass = 0; pass < Sweeps; pass++)
            Straighten(rightward: pass % 2 == 0);
        var x = 0.0;
        foreach (var column in columns)
        {
            var width = column.Max(placed => placed.Width);
            foreach (var placed in column)
            {
                placed.Reach = (x, x + width);
                placed.X = placed.Box is { Kind: FlowKind.Result } ? x : x + ((width - placed.Width) / 2);
            }

            x += width + ColumnGap;
        }

        var top = columns.SelectMany(column => column).Min(placed => placed.Y - (placed.Height / 2));
        foreach (var placed in columns.SelectMany(column => column))
            placed.Y -= top;
        Width = x - ColumnGap;
        Height = columns.SelectMany(column => column).Max(placed => placed.Y + (placed.Height / 2));
    }

    public double Width { get; }

    public double Height { get; }

    public IEnumerable<Placed> Boxes => places.Values;

    public Placed this[FlowBox box] => places[box];

    /// <summary>Every piece of a line, from a column to the next.</summary>
    public IEnumerable<(Placed From, Placed To)> Pieces() =>
        columns.SelectMany(column => column).SelectMany(from => from.To.Select(to => (from, to)));

    private Placed Add(Placed placed)
    {
        columns[placed.Column].Add(placed);
        return placed;
    }

    /// <summary>Lines from one box run together as far as they have the same way.</summary>
    private void Connect(Placed from, Placed to)
    {
        while (from.Column + 1 < to.Column)
        {
            var point = from.To.FirstOrDefault(next => next.Box is null);
            if (point is null)
            {
                point = Add(new Placed(null, from.Column + 1, 0, 2));
                Link(from, point);
            }

            from = point;
        }

        Link(from, to);

        static void Link(Placed from, Placed to)
        {
            from.To.Add(to);
            to.From.Add(from);
        }
    }

    /// <summary>Sweeps to and fro; of all orders that come up, that with the fewest crossings stays.</summary>
    private void Order()
    {
        var (best, fewest) = (columns.ConvertAll(column => column.ToList()), int.MaxValue);
        for (var sweep = 0; sweep <= Sweeps; sweep++)
        {
            var crossings = columns.Sum(Crossings);
            if (crossings < fewest)
                (best, fewest) = (columns.ConvertAll(column => column.ToList()), crossings);
            Sweep(rightward: sweep % 2 == 0);
        }

        for (var i = 0; i < columns.Count; i++)
            columns[i] = best[i];
    }

    /// <summary>Pairs of lines into a column that cross.</summary>
    private int Crossings(List<Placed> column)
    {
        var lines = column.SelectMany((to, i) => to.From.Select(from => (From: columns[from.Column].IndexOf(from), To: i))).ToList();
        return lines.Sum(one => lines.Count(other => one.From < other.From && one.To > other.To));
    }

    private void Sweep(bool rightward)
    {
        foreach (var column in rightward ? columns.Skip(1) : columns.Take(columns.Count - 1).Reverse())
        {
            var order = column.Select((placed, i) => (placed, i)).ToList();
            var keys = order.ToDictionary(entry => entry.placed, entry =>
            {
                var neighbours = rightward ? entry.placed.From : entry.placed.To;
                // Rounded, so that equal means are ties.
                return neighbours.Count == 0 ? entry.i : Math.Round(column.Count * neighbours.Average(other => Share(columns[other.Column], other)), 9);
            });
            column.Clear();
            column.AddRange(order.OrderBy(entry => keys[entry.placed]).ThenBy(entry => entry.i).Select(entry => entry.placed));
        }
    }

    private static double Share(List<Placed> column, Placed placed) => (double)column.IndexOf(placed) / column.Count;

    /// <summary>
    /// Moves each box toward the middle of its neighbours, and a little to the middle of all, as far as those of its column let it.
    /// </summary>
    private void Straighten(bool rightward)
    {
        foreach (var column in rightward ? columns.AsEnumerable() : columns.AsEnumerable().Reverse())
        {
            var wanted = column.Select(placed =>
                Pull * (rightward ? placed.From : placed.To).DefaultIfEmpty(placed).Average(other => other.Y)).ToList();
            var (down, up) = (wanted.ToArray(), wanted.ToArray());
            for (var i = 1; i < column.Count; i++)
                down[i] = Math.Max(down[i], down[i - 1] + Distance(column[i - 1], column[i]));
            for (var i = column.Count - 2; i >= 0; i--)
                up[i] = Math.Min(up[i], up[i + 1] - Distance(column[i], column[i + 1]));
            for (var i = 0; i < column.Count; i++)
                column[i].Y = (down[i] + up[i]) / 2;
        }
    }

    private static double Distance(Placed above, Placed below) =>
        ((above.Height + below.Height) / 2) + (above.Box is null && below.Box is null ? LineGap : BoxGap);
}
