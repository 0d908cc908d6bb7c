using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using MinRnn.Generator.Diagnostics;

namespace MinRnn.Generator.Declarations;

/// <summary>Where the readers of declarations put what is wrong: the analyzer listens, the generator only asks whether.</summary>
internal sealed class Report(System.Action<Diagnostic>? listener = null)
{
    private readonly HashSet<(string Id, Location? Location, string Message)> told = [];

    public bool HasErrors { get; private set; }

    /// <summary>Counts an error that the C# compiler reports.</summary>
    public void Fail() => HasErrors = true;

    public void Add(DiagnosticDescriptor descriptor, Location? location, params object[] arguments) =>
        Add(descriptor, location, ImmutableDictionary<string, string?>.Empty, arguments);

    /// <summary>The same, with <see cref="DiagnosticProperties"/> for code fixes.</summary>
    public void Add(DiagnosticDescriptor descriptor, Location? location, ImmutableDictionary<string, string?> properties, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        if (listener is null)
            return;

        // A method is followed on every way through it: what stands on several is said once.
        var diagnostic = Diagnostic.Create(descriptor, location, properties, arguments);
        if (told.Add((descriptor.Id, location, diagnostic.GetMessage())))
            listener(diagnostic);
    }
}
