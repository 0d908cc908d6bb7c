namespace MinRnn.Bench.Device;

/// <summary>
/// The results of a run, a line of JSON each, written as they come: a run that is cut short goes on where it was. A folder
/// is of one device. Another build of the program begins anew.
/// </summary>
internal sealed class ResultFile
{
    public static readonly string FileName = $"cases-{typeof(ResultFile).Module.ModuleVersionId:n}.jsonl";

    private readonly Dictionary<string, CaseResult> results = [];
    private readonly string path;

    public ResultFile(string folder)
    {
        Directory.CreateDirectory(folder);
        path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return;
        foreach (var line in File.ReadLines(path).Where(line => line.EndsWith('}')))
        {
            var result = CaseResult.Parse(line);
            results[result.Case] = result;
        }
    }

    public IReadOnlyCollection<CaseResult> Results => results.Values;

    public bool Has(Case item) => results.ContainsKey(item.ToString());

    public CaseResult? Find(Case item) => results.GetValueOrDefault(item.ToString());

    public void Add(CaseResult result)
    {
        results[result.Case] = result;
        File.AppendAllText(path, $"{result}\n");
    }
}
