namespace MinRnn.Samples.Playground.Drawing.Layers;

/// <summary>
/// The drawing of layers by Sugiyama, Tagawa and Toda (1981): ways for lines that cross layers, an order in each layer with few crossings,
/// and places near those of neighbours. Layers may be rows or columns: all is measured along them.
/// </summary>
/// <param name="gap">Room between two vertices of a layer.</param>
/// <param name="wayGap">Room between two ways of lines.</param>
/// <param name="waySize">Room that a way takes itself.</param>
internal sealed class LayeredLayout(double gap, double wayGap, double waySize)
{
    /// <summary>Boxes make room for long lines.</summary>
    private const double LineWeight = 12;

    private const int OrderSweeps = 24, PlaceSweeps = 40, StraightSweeps = 4;

    /// <summary>Gives every vertex its place, and adds vertices for the ways of lines.</summary>
    /// <param name="vertices">All vertices with their lines, each in its layer.</param>
    /// <returns>The layers, in order, and in the order of their vertices.</returns>
    public IReadOnlyList<IReadOnlyList<Vertex>> Arrange(List<Vertex> vertices)
    {
        AddWays(vertices);
        var layers = vertices.GroupBy(vertex => vertex.Layer).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        Order(layers);
        Place(layers);
        return layers;
    }

    private void AddWays(List<Vertex> vertices)
    {
        foreach (var vertex in vertices.ToList())
        {
            for (var i = 0; i < vertex.From.Count; i++)
            {
                var (source, port) = vertex.From[i];
                if (source.Layer == vertex.Layer - 1)
                    continue;
                source.To.RemoveAt(source.To.FindIndex(link => link.Vertex == vertex && link.Port == port));
                while (source.Layer < vertex.Layer - 1)
                    source = WayFrom(source, vertices);
                vertex.From[i] = new Link(source, port);
                source.To.Add(new Link(vertex, port));
            }
        }
    }

    /// <summary>The way into the next layer: lines from one vertex run together as far as they have the same way.</summary>
    private Vertex WayFrom(Vertex source, List<Vertex> vertices)
    {
        if (Way(source) is { } known)
            return known;
        var way = new Vertex(waySize) { IsWay = true };
        way.Join(source);
        vertices.Add(way);
        return way;
    }

    private static Vertex? Way(Vertex source) => source.To.FirstOrDefault(link => link.Vertex.IsWay)?.Vertex;

    /// <summary>Sweeps to and fro, each layer sorted by the means of its neighbours' places; the order with the fewest crossings stays.</summary>
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
            var isForward = sweep % 2 == 0;
            foreach (var layer in isForward ? layers.AsEnumerable() : layers.AsEnumerable().Reverse())
            {
                var keys = layer.ToDictionary(vertex => vertex, vertex => Mean(isForward ? vertex.From : vertex.To, vertex.Place));
                var sorted = layer.OrderBy(vertex => keys[vertex]).ToList();
                layer.Clear();
                layer.AddRange(sorted);
                Number([layer]);
            }
        }

        for (var i = 0; i < layers.Count; i++)
            layers[i] = best[i];

        static double Mean(List<Link> links, double fallback) =>
            links.Count == 0 ? fallback : Math.Round(links.Average(link => link.Vertex.Place + (link.Port / 1000)), 9); // Equal means are ties.
    }

    private static void Number(List<List<Vertex>> layers)
    {
        foreach (var layer in layers)
        {
            for (var i = 0; i < layer.Count; i++)
                layer[i].Place = i;
        }
    }

    /// <summary>Pairs of lines into a layer that cross.</summary>
    private static int Crossings(List<Vertex> layer)
    {
        var lines = layer.SelectMany(vertex => vertex.From.Select(link => (From: link.Vertex.Place, To: vertex.Place + (link.Port / 1000)))).ToList();
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

    private void Place(List<List<Vertex>> layers)
    {
        foreach (var layer in layers)
            Spread(layer, [.. layer.Select(_ => 0.0)]);
        for (var sweep = 0; sweep < PlaceSweeps; sweep++)
        {
            var isForward = sweep % 2 == 0;
            foreach (var layer in isForward ? layers.AsEnumerable() : layers.AsEnumerable().Reverse())
                Spread(layer, [.. layer.Select(vertex => Wanted(vertex, sweep == PlaceSweeps - 1 ? null : isForward))]);
        }

        for (var sweep = 0; sweep < StraightSweeps; sweep++)
            Straighten(layers);
    }

    /// <summary>Makes the ways of lines through several layers straight, in pieces as long as the neighbours on both sides leave room for.</summary>
    private void Straighten(List<List<Vertex>> layers)
    {
        var rooms = layers.SelectMany(layer => layer.Select((vertex, i) => (vertex, Before: layer.ElementAtOrDefault(i - 1), After: layer.ElementAtOrDefault(i + 1))))
            .ToDictionary(room => room.vertex, room => (room.Before, room.After));
        foreach (var first in layers.SelectMany(layer => layer).Where(vertex => vertex.IsWay && !vertex.From[0].Vertex.IsWay).ToList())
        {
            for (Vertex? way = first; way is not null;)
                way = StraightenFrom(way, rooms);
        }
    }

    /// <summary>Makes the piece of a way straight that begins at a vertex; the vertex behind it, null at the end of the way.</summary>
    private Vertex? StraightenFrom(Vertex first, Dictionary<Vertex, (Vertex? Before, Vertex? After)> rooms)
    {
        List<Vertex> piece = [];
        var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
        var next = first;
        for (; next is not null; next = Way(next))
        {
            var (before, after) = rooms[next];
            var least = before is null ? low : Math.Max(low, before.Place + Distance(before, next));
            var most = after is null ? high : Math.Min(high, after.Place - Distance(next, after));
            if (piece.Count > 0 && least > most)
                break;
            (low, high) = (least, Math.Max(least, most));
            piece.Add(next);
        }

        var (start, end) = (first.From[0].Vertex.Place, next?.Place ?? piece[^1].To[0].Vertex.Place + piece[^1].To[0].Port);
        var straight = start >= low && start <= high ? start : end >= low && end <= high ? end : Math.Clamp((start + end) / 2, low, high);
        foreach (var vertex in piece)
            vertex.Place = straight;
        return next;
    }

    /// <summary>Where a vertex would stand by its neighbours on one side, or on both.</summary>
    private static double Wanted(Vertex vertex, bool? isForward)
    {
        var before = vertex.From.Select(link => (Place: link.Vertex.Place - link.Port, Weight: WeightOf(vertex, link.Vertex)));
        var after = vertex.To.Select(link => (Place: link.Vertex.Place + link.Port, Weight: WeightOf(vertex, link.Vertex)));
        var places = (isForward switch { true => before, false => after, null => before.Concat(after) }).ToList();
        var weight = places.Sum(place => place.Weight);
        return weight == 0 ? vertex.Place : places.Sum(place => place.Place * place.Weight) / weight;
    }

    /// <summary>Long lines are straight before anything else is.</summary>
    private static double WeightOf(Vertex first, Vertex second) => (first.IsWay, second.IsWay) switch
    {
        (true, true) => 8,
        (false, false) => 1,
        _ => 2,
    };

    /// <summary>The least distance between the middles of neighbours in a layer.</summary>
    private double Distance(Vertex first, Vertex second) =>
        ((first.Size + second.Size) / 2) + (first.IsWay && second.IsWay ? wayGap : gap);

    /// <summary>The places nearest to the wanted ones, by squares, that keep order and distance: a regression by pooling neighbours.</summary>
    private void Spread(List<Vertex> layer, double[] wanted)
    {
        var offsets = new double[layer.Count];
        for (var i = 1; i < layer.Count; i++)
            offsets[i] = offsets[i - 1] + Distance(layer[i - 1], layer[i]);
        var pools = new Stack<(double Sum, double Weight, int Count)>();
        for (var i = 0; i < layer.Count; i++)
        {
            var weight = layer[i].IsWay ? LineWeight : 1;
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
                layer[next].Place = (sum / weight) + offsets[next];
            }
        }
    }
}
