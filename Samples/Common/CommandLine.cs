using System.Globalization;
using System.Text;

namespace MinRnn.Samples.Common;

/// <summary>A parsed command line: <c>--name value</c>, <c>--name=value</c> or <c>--switch</c>.</summary>
public sealed class CommandLine
{
    private readonly IReadOnlyList<Option> _declared;
    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly IReadOnlyDictionary<string, string> _defaults;

    private CommandLine(
        IReadOnlyList<Option> declared, IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> defaults)
    {
        (_declared, _given, _defaults) = (declared, given, defaults);
    }

    /// <summary>Parses arguments against the declared options.</summary>
    /// <exception cref="UserErrorException">An option is unknown, repeated, or without its value, or the value is empty.</exception>
    public static CommandLine Parse(IReadOnlyList<Option> declared, IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i] == "-h" ? "--help" : arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
                throw new UserErrorException($"'{argument}' is not an option; --help lists them.");

            var parts = argument[2..].Split('=', 2);
            var option = declared.FirstOrDefault(candidate => candidate.Name == parts[0])
                ?? throw new UserErrorException($"There is no option '--{parts[0]}'; --help lists them.");
            if (option.Value is null && parts.Length == 2)
                throw new UserErrorException($"--{option.Name} takes no value.");
            if (option.Value is not null && parts.Length == 1 && ++i == arguments.Count)
                throw new UserErrorException($"--{option.Name} needs a value, {option.Value}.");

            var value = option.Value is null ? "" : parts.Length == 2 ? parts[1] : arguments[i];
            if (option.Value is not null && value.Length == 0)
                throw new UserErrorException($"--{option.Name} needs a value, {option.Value}: it is empty.");
            if (!given.TryAdd(option.Name, value))
                throw new UserErrorException($"--{option.Name} is given twice.");
        }

        var defaults = declared.Where(option => option.Default is not null)
            .ToDictionary(option => option.Name, option => option.Default!);
        return new CommandLine(declared, given, defaults);
    }

    /// <summary>The same command line with other defaults: those that a checkpoint stored.</summary>
    public CommandLine WithDefaults(IReadOnlyDictionary<string, string> values)
    {
        var defaults = new Dictionary<string, string>(_defaults);
        foreach (var (name, value) in values)
            defaults[name] = value;
        return new CommandLine(_declared, _given, defaults);
    }

    /// <summary>The same command line with defaults for options that have none so far: those that hang on others.</summary>
    public CommandLine WithMissing(IReadOnlyDictionary<string, string> values) =>
        WithDefaults(values.Where(value => !_defaults.ContainsKey(value.Key)).ToDictionary());

    /// <summary>Whether the user wrote the option.</summary>
    public bool IsGiven(string name) => _given.ContainsKey(name);

    /// <summary>Whether a switch is on.</summary>
    public bool Switch(string name) => IsGiven(name) || _defaults.GetValueOrDefault(name) == "true";

    /// <summary>The text of an option, null when it is neither given nor has a default.</summary>
    public string? Text(string name) => _given.GetValueOrDefault(name) ?? _defaults.GetValueOrDefault(name);

    /// <summary>An integer within bounds.</summary>
    public int Integer(string name, int minimum, int maximum = int.MaxValue)
    {
        var parsed = int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        return parsed && value >= minimum && value <= maximum
            ? value
            : throw Refused(name, $"an integer from {minimum}{(maximum == int.MaxValue ? "" : $" to {maximum}")}");
    }

    /// <summary>Sequences of a batch, from 1, that are together no more tokens than one step may have.</summary>
    public int Batch(string name, int length)
    {
        const int maximum = 1 << 24;
        return Integer(name, 1, int.Max(1, maximum / length));
    }

    /// <summary>A number within bounds, the lower one excluded on request.</summary>
    public double Number(string name, double minimum, double maximum, bool above = false)
    {
        var parsed = double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return parsed && (above ? value > minimum : value >= minimum) && value <= maximum
            ? value
            : throw Refused(name, string.Create(
                CultureInfo.InvariantCulture, $"a number {(above ? $"above {minimum} and at most" : $"from {minimum} to")} {maximum}"));
    }

    /// <summary>The help text: how to call the program and what its options are.</summary>
    /// <param name="summary">What the program does.</param>
    /// <param name="project">Its project, seen from the repository's root.</param>
    /// <param name="declared">Its options.</param>
    /// <param name="command">The word before the options, where the program has several commands.</param>
    public static string Help(string summary, string project, IReadOnlyList<Option> declared, string? command = null)
    {
        var text = new StringBuilder();
        text.Append(summary).Append("\n\nUsage: dotnet run -c Release --project ").Append(project).Append(" -- ").Append(command is null ? "" : command + " ").Append("[options]\n\n");
        foreach (var option in declared)
        {
            var left = option.Value is null ? $"--{option.Name}" : $"--{option.Name} {option.Value}";
            var help = option.Default is null ? option.Help : $"{option.Help} (default {option.Default})";
            text.Append("  ").Append(left.PadRight(22)).Append(help).Append('\n');
        }

        return text.ToString();
    }

    private UserErrorException Refused(string name, string wanted) => new($"--{name} is '{Text(name)}', wanted {wanted}.");
}
