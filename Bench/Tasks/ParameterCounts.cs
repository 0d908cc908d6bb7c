namespace MinRnn.Bench.Tasks;

/// <summary>How many parameters networks have: as their runs stored it, or counted without training, each once.</summary>
internal sealed class ParameterCounts
{
    private readonly Dictionary<(string Task, string Contender), long> _counted = [];

    /// <summary>Elements of all parameters; null for a task of a text that is not read, for the text decides the vocabulary.</summary>
    public long? Of(LearningTask task, Contender contender, IEnumerable<TaskResult> results)
    {
        var key = (task.Name, contender.Name);
        if (results.LastOrDefault(result => (result.Task, result.Contender) == key) is { } stored)
            return stored.Parameters;
        if (task.Corpus is { IsValueCreated: false })
            return null;
        if (!_counted.TryGetValue(key, out var count))
        {
            using var network = task.Create(contender);
            _counted[key] = count = network.parameters().Sum(parameter => parameter.numel());
        }

        return count;
    }
}
