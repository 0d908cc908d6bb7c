using System.Text.Json;

namespace MinRnn.Samples.Common;

/// <summary>What a checkpoint says about a run besides tensors.</summary>
/// <param name="Sample">The program that wrote it.</param>
/// <param name="Options">The options that the run was started with, by name.</param>
/// <param name="Step">Steps done.</param>
/// <param name="DataState">The state of the generator of the training data.</param>
/// <param name="History">The evaluations so far.</param>
/// <param name="Interval">Sums over the steps since the last evaluation.</param>
/// <param name="TrainingSeconds">The time that steps took, in all sittings.</param>
/// <param name="TotalSeconds">The time of all sittings, evaluations included.</param>
public sealed record RunState(
    string Sample,
    IReadOnlyDictionary<string, string> Options,
    int Step,
    ulong DataState,
    IReadOnlyList<HistoryPoint> History,
    Score Interval,
    double TrainingSeconds,
    double TotalSeconds)
{
    private const string Section = "run";

    /// <summary>Adds the section of a checkpoint.</summary>
    public void Save(IDictionary<string, byte[]> sections) => sections[Section] = JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads the section of a checkpoint and checks which program wrote it.</summary>
    /// <exception cref="UserErrorException">Another sample wrote the checkpoint, or it does not say.</exception>
    public static RunState Read(string path, string sample, IReadOnlyDictionary<string, byte[]> sections)
    {
        RunState? state = null;
        try
        {
            if (sections.TryGetValue(Section, out var bytes))
                state = JsonSerializer.Deserialize<RunState>(bytes);
        }
        catch (JsonException error)
        {
            throw new UserErrorException($"The checkpoint '{path}' does not say what its run is: {error.Message}", error);
        }

        return state?.Sample == sample
            ? state
            : throw new UserErrorException($"The checkpoint '{path}' is {state?.Sample ?? "another program"}'s, not {sample}'s.");
    }

    /// <summary>Requires the options that the run was started with.</summary>
    /// <exception cref="UserErrorException">An option differs.</exception>
    public void RequireOptions(IReadOnlyDictionary<string, string> options)
    {
        foreach (var (name, stored) in Options)
        {
            var wanted = options.GetValueOrDefault(name);
            if (wanted != stored)
            {
                throw new UserErrorException(
                    $"The checkpoint's run has {name} {stored}, not {wanted}: a run is resumed as it was started.");
            }
        }
    }
}
