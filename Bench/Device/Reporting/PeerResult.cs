using System.Text.Json;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>A line of what the script of PyTorch's ways writes.</summary>
/// <param name="Group">What it belongs to: <c>about</c>, <c>copy</c>, <c>scan</c> or <c>training</c>.</param>
/// <param name="Name">What was timed; of <c>about</c>, the text.</param>
/// <param name="Pass"><c>forward</c>, <c>backward</c> or <c>both</c>.</param>
/// <param name="Elements">PyTorch's name of the type.</param>
/// <param name="Milliseconds">The median; null where it failed.</param>
/// <param name="Spread">The slowest round over the fastest.</param>
/// <param name="Note">More words, or why it failed.</param>
internal sealed record PeerResult(
    string Group, string Name, string Pass = "", long Batch = 0, long Time = 0, int Channels = 0, string Elements = "", double? Milliseconds = null,
    double Spread = 1, string Note = "")
{
    /// <summary>The name of the training step whose recurrence is this repository's.</summary>
    public const string Ours = "minGRU by these kernels, products by PyTorch";

    /// <summary>The file of the results, in the folder of a run.</summary>
    public const string FileName = "peers.jsonl";

    /// <summary>How a line is written.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public bool IsOf(Case item, int channels) => (Batch, Time, Channels, Elements) == (item.Batch, item.Time, channels, NameOf(item.Element));

    /// <summary>The results of a run, the last of each; none where the script did not run.</summary>
    public static IReadOnlyList<PeerResult> Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return [];
        return [.. File.ReadLines(path).Where(line => line.EndsWith('}'))
            .Select(line => JsonSerializer.Deserialize<PeerResult>(line, Options)!)
            .GroupBy(peer => (peer.Group, peer.Name, peer.Pass, peer.Batch, peer.Time, peer.Channels, peer.Elements))
            .Select(group => group.Last())];
    }

    private static string NameOf(ElementType element) => element switch
    {
        ElementType.Half => "float16",
        ElementType.BFloat16 => "bfloat16",
        _ => "float32",
    };
}
