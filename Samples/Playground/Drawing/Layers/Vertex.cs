namespace MinRnn.Samples.Playground.Drawing.Layers;

/// <summary>Something with a place in a layer: what a caller draws, in a class of its own, or where a line passes.</summary>
/// <param name="size">How much room it takes along the layer.</param>
internal class Vertex(double size)
{
    public double Size { get; } = size;

    /// <summary>Whether a line passes here on its way through the layer.</summary>
    public bool IsWay { get; init; }

    /// <summary>One more than the greatest of the vertices that lines come from, unless the caller moves it farther.</summary>
    public int Layer { get; set; }

    /// <summary>The middle, along the layer.</summary>
    public double Place { get; set; }

    /// <summary>Lines from vertices of earlier layers.</summary>
    public List<Link> From { get; } = [];

    /// <summary>Lines to vertices of later layers.</summary>
    public List<Link> To { get; } = [];

    /// <summary>Takes a line from a vertex that has all of its own lines.</summary>
    /// <param name="source">Where the line begins.</param>
    /// <param name="port">How far from this vertex's middle it ends.</param>
    public void Join(Vertex source, double port = 0)
    {
        Layer = Math.Max(Layer, source.Layer + 1);
        From.Add(new Link(source, port));
        source.To.Add(new Link(this, port));
    }
}

/// <summary>A line to a vertex of an earlier or a later layer.</summary>
/// <param name="Vertex">The vertex at the other end.</param>
/// <param name="Port">How far from the later vertex's middle the line ends.</param>
internal sealed record Link(Vertex Vertex, double Port);
