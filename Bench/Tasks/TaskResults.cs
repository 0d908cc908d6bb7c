using System.Text.Json;
using MinRnn.Samples.Common;

namespace MinRnn.Bench.Tasks;

/// <summary>What one run came to.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Contender">The contender's name.</param>
/// <param name="Seed">The seed of parameters and data.</param>
/// <param name="Steps">Training steps.</param>
/// <param name="Accuracy">The share of right answers on held-out data.</param>
/// <param name="Loss">Nats on held-out data; null where training failed.</param>
/// <param name="Parameters">Elements of all parameters.</param>
/// <param name="Text">The text of a character task.</param>
internal sealed record TaskResult(
    string Task, string Contender, int Seed, int Steps, double Accuracy, double? Loss, long Parameters, string? Text);

/// <summary>The results so far, in a file that is whole at any moment: a run that is done stays done.</summary>
internal sealed class TaskResults
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    private readonly string _path;
    private readonly List<TaskResult> _results;

    /// <summary>Opens a file of results, or begins one.</summary>
    /// <exception cref="UserErrorException">The file cannot be read as one.</exception>
    public TaskResults(string path)
    {
        _path = path;
        try
        {
            _results = File.Exists(path) ? JsonSerializer.Deserialize<List<TaskResult>>(File.ReadAllText(path)) ?? [] : [];
        }
        catch (JsonException error)
        {
            throw new UserErrorException($"'{path}' is no file of results: {error.Message}", error);
        }
    }

    public IReadOnlyList<TaskResult> All => _results;

    /// <summary>Whether a run of this setting is done.</summary>
    public bool Has(string task, string contender, int seed, int steps, string? text) => _results.Any(result =>
        result.Task == task && result.Contender == contender && result.Seed == seed && result.Steps == steps && result.Text == text);

    /// <summary>Keeps a result in the place of an earlier one of the same run.</summary>
    public void Add(TaskResult result)
    {
        _results.RemoveAll(other => (other.Task, other.Contender, other.Seed) == (result.Task, result.Contender, result.Seed));
        _results.Add(result);
        var temporary = _path + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(_results, Format) + "\n");
        File.Move(temporary, _path, overwrite: true);
    }
}
