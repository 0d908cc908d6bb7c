using MinRnn.Tests.PtxMachine.Decoding;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine;

/// <summary>A text of PTX, decoded.</summary>
public sealed class PtxModule
{
    private PtxModule(ModuleParser parser)
    {
        Target = parser.Target;
        Entries = [.. parser.Functions.Where(function => function is { IsEntry: true, Body: not null })
            .Select(function => new PtxEntry(function, new ProgramDecoder(parser.Functions).Decode(function)))];
    }

    /// <summary>The architecture, such as sm_80.</summary>
    public string Target { get; }

    /// <summary>The kernels.</summary>
    public IReadOnlyList<PtxEntry> Entries { get; }

    /// <summary>Reads a text.</summary>
    /// <exception cref="PtxSyntaxException">The text is not PTX, or uses what the machine does not know.</exception>
    public static PtxModule Parse(string ptx)
    {
        ArgumentNullException.ThrowIfNull(ptx);
        var parser = new ModuleParser(ptx);
        parser.Parse();
        return new PtxModule(parser);
    }

    /// <summary>The kernel of a name.</summary>
    public PtxEntry Entry(string name) => Entries.Single(entry => entry.Name == name);
}

/// <summary>A parameter of a kernel.</summary>
/// <param name="Name">As the text has it.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Alignment">Alignment.</param>
/// <param name="Offset">Place among the bytes of all parameters.</param>
public sealed record PtxParameter(string Name, int Bytes, int Alignment, int Offset);

/// <summary>A kernel of a module.</summary>
public sealed class PtxEntry
{
    internal PtxEntry(Function function, CompiledProgram program)
    {
        Name = function.Name;
        Program = program;
        MaxThreads = function.MaxThreads is { } most ? new LaunchSize(most.X, most.Y, most.Z) : null;
        Parameters = [.. function.Parameters.Select(parameter =>
            new PtxParameter(parameter.Name, (int)parameter.Bytes, parameter.Alignment, (int)parameter.Offset))];
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its parameters, in order.</summary>
    public IReadOnlyList<PtxParameter> Parameters { get; }

    /// <summary>The greatest group that it was compiled for, if it says so.</summary>
    public LaunchSize? MaxThreads { get; }

    /// <summary>Shared memory whose size the text decides.</summary>
    public int SharedBytes => Program.SharedBytes;

    internal CompiledProgram Program { get; }
}
