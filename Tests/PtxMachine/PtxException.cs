namespace MinRnn.Tests.PtxMachine;

/// <summary>What this machine has to say against a text of PTX, or against what a kernel does.</summary>
public class PtxException(string message) : Exception(message);

/// <summary>A text that is not PTX, or that uses what the machine does not know.</summary>
public sealed class PtxSyntaxException(string message, int line, string text)
    : PtxException($"{message} Line {line}: {text.Trim()}")
{
    /// <summary>Line of the text, from 1.</summary>
    public int Line { get; } = line;
}

/// <summary>A kernel that did what faults, hangs or is undefined on a device.</summary>
public sealed class PtxFaultException(string message) : PtxException(message);

/// <summary>No thread of the launch can ever continue, or none has ended within the budget of instructions.</summary>
public sealed class PtxHangException(string message) : PtxException(message);
