namespace MinRnn.Samples.Playground.Drawing;

/// <summary>A box to place, or a place that a line keeps free on its way through a layer.</summary>
internal sealed class Vertex(NodeLabel? label)
{
    /// <summary>Null for a line's way.</summary>
    public NodeLabel? Label { get; } = label;

    public double Width { get; } = label?.Width ?? 14;

    public int Layer { get; set; }

    /// <summary>The middle.</summary>
    public double X { get; set; }

    public List<Link> Above { get; } = [];

    public List<Link> Below { get; } = [];

    /// <summary>Takes an operand, whose line enters at one of several ports along the upper side.</summary>
    public void Link(Vertex operand, int port, int ports) => Link(operand, Width * (((port + 1.0) / (ports + 1)) - 0.5));

    public void Link(Vertex operand, double port)
    {
        Above.Add(new Link(operand, port));
        operand.Below.Add(new Link(this, port));
    }
}

/// <summary>A line to a vertex of the layer above or below.</summary>
/// <param name="Vertex">The vertex at the other end.</param>
/// <param name="Port">How far from the lower vertex's middle the line enters it.</param>
internal sealed record Link(Vertex Vertex, double Port);

/// <summary>
/// The drawing of layers by Sugiyama, Tagawa and Toda (1981): layers by depth, ways for lines that cross layers, an order in each layer
/// with few crossings, and places near those of neighbours.
/// </summary>
internal static class LayeredLayout
{
    public const double NodeHeight = 42, LayerPitch = 78;

    private const double Gap = 18;
    /// <summary>Boxes make room for long lines.</summary>
    private const double LineWeight = 12;

    private const int OrderSweeps = 24, PlaceSweeps = 40, StraightSweeps = 4;

    /// <summary>Gives every vertex its layer and place, and adds vertices for the ways of lines.</summary>
    /// <param name="vertices">Operands before users.</param>
    public static void Arrange(List<Vertex> vertices)
    {
        AssignLayers(vertices);
        AddWays(vertices);
        var layers = vertices.GroupBy(vertex => vertex.Layer).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        Order(layers);
        Place(layers);
    }

    private static void AssignLayers(List<Vertex> vertices)
    {
        foreach (var vertex in vertices)
            vertex.Layer = vertex.Above.Count == 0 ? 0 : vertex.Above.Max(link => link.Vertex.Layer) + 1;

        // Parameters stand right above their first user.
        foreach (var vertex in vertices.Where(vertex => vertex.Above.Count == 0 && vertex.Below.Count > 0))
            vertex.Layer = vertex.Below.Min(link => link.Vertex.Layer) - 1;
    }

    private static void AddWays(List<Vertex> vertices)
    {
        foreach (var vertex in vertices.ToList())
        {
            for (var i = 0; i < vertex.Above.Count; i++)
            {
                var (operand, port) = vertex.Above[i];
                if (operand.Layer == vertex.Layer - 1)
                    continue;
                operand.Below.RemoveAt(operand.Below.FindIndex(link => link.Vertex == vertex && link.Port == port));
                for (var layer = operand.Layer + 1; layer < vertex.Layer; layer++)
                {
                    var way = new Vertex(null) { Layer = layer };
                    way.Link(operand, 0);
                    vertices.Add(way);
                    operand = way;
                }

                vertex.Above[i] = new Link(operand, port);
                operand.Below.Add(new Link(vertex, port));
            }
        }
    }

    /// <summary>Sweeps down and up, each layer sorted by the means of its neighbours' places; the order with the fewest crossings stays.</summary>
    private static void Order(List<List<Vertex>> layers)
    {
        var best = layers.ConvertAll(layer => layer.ToList());
        var fewest = int.MaxValue;
        for (var sweep = 0; sweep <= OrderSweeps && fewest > 0; sweep++)
        {
            Number(layers);
            var crossings = layers.Sum(Crossings);
            if (crossings < fewest)
                (fewest, best) = (crossings, layers.ConvertAll(layer => layer.ToList()));
            var isDown = sweep % 2 == 0;
            foreach (var layer in isDown ? layers.AsEnumerable() : layers.AsEnumerable().Reverse())
            {
                var keys = layer.ToDictionary(vertex => vertex, vertex => Mean(isDown ? vertex.Above : vertex.Below, vertex.X));
                var sorted = layer.OrderBy(vertex => keys[vertex]).ToList();
                layer.Clear();
                layer.AddRange(sorted);
                Number([layer]);
            }
        }

        for (var i = 0; i < layers.Count; i++)
            layers[i] = best[i];

        static double Mean(List<Link> links, double fallback) =>
            links.Count == 0 ? fallback : links.Average(link => link.Vertex.X + (link.Port / 1000));
    }

    private static void Number(List<List<Vertex>> layers)
    {
        foreach (var layer in layers)
        {
            for (var i = 0; i < layer.Count; i++)
                layer[i].X = i;
        }
    }

    /// <summary>Pairs of lines into a layer that cross.</summary>
    private static int Crossings(List<Vertex> layer)
    {
        var lines = layer.SelectMany(vertex => vertex.Above.Select(link => (From: link.Vertex.X, To: vertex.X + (link.Port / 1000)))).ToList();
        var count = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if ((lines[i].From - lines[j].From) * (lines[i].To - lines[j].To) < 0)
                    count++;
            }
        }

        return count;
    }

    private static void Place(List<List<Vertex>> layers)
    {
        foreach (var layer in layers)
            Spread(layer, [.. layer.Select(_ => 0.0)]);
        for (var sweep = 0; sweep < PlaceSweeps; sweep++)
        {
            var isDown = sweep % 2 == 0;
            foreach (var layer in isDown ? layers.AsEnumerable() : layers.AsEnumerable().Reverse())
                Spread(layer, [.. layer.Select(vertex => Wanted(vertex, sweep == PlaceSweeps - 1 ? null : isDown))]);
        }

        for (var sweep = 0; sweep < StraightSweeps; sweep++)
            Straighten(layers);
    }

    /// <summary>Makes the way of a line through several layers straight where the neighbours on both sides leave room.</summary>
    private static void Straighten(List<List<Vertex>> layers)
    {
        var rows = layers.SelectMany(layer => layer.Select((vertex, place) => (vertex, layer, place))).ToDictionary(row => row.vertex, row => (row.layer, row.place));
        foreach (var first in layers.SelectMany(layer => layer).Where(vertex => vertex.Label is null && vertex.Above[0].Vertex.Label is not null).ToList())
        {
            List<Vertex> way = [first];
            while (way[^1].Below[0].Vertex is { Label: null } next)
                way.Add(next);
            var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
            foreach (var vertex in way)
            {
                var (layer, place) = rows[vertex];
                if (place > 0)
                    low = Math.Max(low, layer[place - 1].X + ((layer[place - 1].Width + vertex.Width) / 2) + Gap);
                if (place < layer.Count - 1)
                    high = Math.Min(high, layer[place + 1].X - ((layer[place + 1].Width + vertex.Width) / 2) - Gap);
            }

            if (low > high)
                continue;
            var (top, bottom) = (first.Above[0].Vertex.X, way[^1].Below[0].Vertex.X + way[^1].Below[0].Port);
            var straight = top >= low && top <= high ? top : bottom >= low && bottom <= high ? bottom : Math.Clamp((top + bottom) / 2, low, high);
            foreach (var vertex in way)
                vertex.X = straight;
        }
    }

    /// <summary>Where a vertex would stand by its neighbours on one side, or on both.</summary>
    private static double Wanted(Vertex vertex, bool? isDown)
    {
        var above = vertex.Above.Select(link => (Place: link.Vertex.X - link.Port, Weight: WeightOf(vertex, link.Vertex)));
        var below = vertex.Below.Select(link => (Place: link.Vertex.X + link.Port, Weight: WeightOf(vertex, link.Vertex)));
        var places = (isDown switch { true => above, false => below, null => above.Concat(below) }).ToList();
        var weight = places.Sum(place => place.Weight);
        return weight == 0 ? vertex.X : places.Sum(place => place.Place * place.Weight) / weight;
    }

    /// <summary>Long lines are straight before anything else is.</summary>
    private static double WeightOf(Vertex first, Vertex second) => (first.Label, second.Label) switch
    {
        (null, null) => 8,
        (null, _) or (_, null) => 2,
        _ => 1,
    };

    /// <summary>The places nearest to the wanted ones, by squares, that keep order and distance: a regression by pooling neighbours.</summary>
    private static void Spread(List<Vertex> layer, double[] wanted)
    {
        var offsets = new double[layer.Count];
        for (var i = 1; i < layer.Count; i++)
            offsets[i] = offsets[i - 1] + ((layer[i - 1].Width + layer[i].Width) / 2) + Gap;
        var pools = new Stack<(double Sum, double Weight, int Count)>();
        for (var i = 0; i < layer.Count; i++)
        {
            var weight = layer[i].Label is null ? LineWeight : 1;
            var pool = (Sum: weight * (wanted[i] - offsets[i]), Weight: weight, Count: 1);
            while (pools.TryPeek(out var before) && before.Sum / before.Weight >= pool.Sum / pool.Weight)
            {
                pools.Pop();
                pool = (pool.Sum + before.Sum, pool.Weight + before.Weight, pool.Count + before.Count);
            }

            pools.Push(pool);
        }

        var next = layer.Count;
        foreach (var (sum, weight, count) in pools)
        {
            for (var i = 0; i < count; i++)
            {
                next--;
                layer[next].X = (sum / weight) + offsets[next];
            }
        }
    }
}
