namespace MinRnn.Samples.Common;

/// <summary>
/// Turns the first Ctrl-C into a request that the training loop reads between steps; a second one ends the process.
/// </summary>
public sealed class Interruption : IDisposable
{
    private volatile bool _requested;

    /// <summary>Starts listening.</summary>
    public Interruption() => Console.CancelKeyPress += OnCancel;

    /// <summary>Whether Ctrl-C was pressed.</summary>
    public bool Requested => _requested;

    /// <summary>Stops listening.</summary>
    public void Dispose() => Console.CancelKeyPress -= OnCancel;

    private void OnCancel(object? sender, ConsoleCancelEventArgs arguments)
    {
        arguments.Cancel = !_requested;
        _requested = true;
    }
}
