using System.Runtime.InteropServices;
using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Parsing;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine;

/// <summary>
/// Executes kernels from their PTX, thread by thread, on memory of this process. A machine is for one thread at a time.
/// </summary>
public sealed unsafe class Machine : IDisposable
{
    private const int MaxThreads = 1024;
    private const int MaxSharedBytes = 227 * 1024;

    /// <summary>Shared memory that a kernel declares itself.</summary>
    private const int MaxStaticSharedBytes = 48 * 1024;

    private readonly Dictionary<Variable, nint> globals = [];

    /// <summary>Global memory: what is registered here, kernels may touch.</summary>
    public DeviceMemory Memory { get; } = new();

    /// <summary>What the last launch did.</summary>
    public LaunchStatistics Statistics { get; private set; } = new();

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="entry">The kernel.</param>
    /// <param name="grid">Groups.</param>
    /// <param name="group">Threads of a group.</param>
    /// <param name="parameters">The bytes of each parameter; <see cref="Argument"/> makes them.</param>
    /// <param name="options">How it runs; by default groups run one after another.</param>
    /// <exception cref="ArgumentException">Sizes or parameters do not suit the kernel.</exception>
    /// <exception cref="PtxFaultException">The kernel does what faults on a device.</exception>
    /// <exception cref="PtxHangException">The kernel does not end.</exception>
    public LaunchStatistics Launch(
        PtxEntry entry, LaunchSize grid, LaunchSize group, IReadOnlyList<byte[]> parameters, LaunchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new LaunchOptions();
        Check(entry, grid, group, parameters, options);
        var program = entry.Program;
        var template = (ulong[])program.Template.Clone();
        foreach (var (slot, variable, offset) in program.Globals)
            template[slot] = (ulong)(Address(variable) + offset);
        var bytes = (byte*)NativeMemory.AlignedAlloc((nuint)program.ParameterBytes + 1, 256);
        try
        {
            for (var i = 0; i < parameters.Count; i++)
                parameters[i].CopyTo(new Span<byte>(bytes + entry.Parameters[i].Offset, entry.Parameters[i].Bytes));
            using var launch = new Launch(program with { Template = template }, grid, group, Memory, bytes, options);
            Statistics = launch.Statistics;
            return launch.Run();
        }
        finally
        {
            NativeMemory.AlignedFree(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    private static void Check(
        PtxEntry entry, LaunchSize grid, LaunchSize group, IReadOnlyList<byte[]> parameters, LaunchOptions options)
    {
        if (grid.X <= 0 || grid.Y is <= 0 or > 65535 || grid.Z is <= 0 or > 65535)
            throw new ArgumentException($"A device has no grid of {grid}.", nameof(grid));
        var most = entry.MaxThreads?.Total ?? MaxThreads;
        if (group.X <= 0 || group.Y <= 0 || group.Z <= 0 || group.Total > Math.Min(most, MaxThreads))
            throw new ArgumentException($"{entry.Name} cannot run in groups of {group}; its limit is {most}.", nameof(group));
        var shared = entry.SharedBytes + options.DynamicSharedBytes;
        if (shared > MaxSharedBytes || entry.SharedBytes > MaxStaticSharedBytes)
            throw new ArgumentException($"{entry.Name} wants {shared} bytes of shared memory.", nameof(options));
        if (options.MaxResidentBlocks <= 0 || options.MaxSlice <= 0 || options.DynamicSharedBytes < 0)
            throw new ArgumentException("Sizes in the options must be positive.", nameof(options));
        if (parameters.Count != entry.Parameters.Count)
            throw new ArgumentException($"{entry.Name} has {entry.Parameters.Count} parameters, not {parameters.Count}.", nameof(parameters));
        for (var i = 0; i < parameters.Count; i++)
        {
            var wanted = entry.Parameters[i];
            if (parameters[i].Length == wanted.Bytes)
                continue;
            var message = $"Parameter {i} of {entry.Name}, {wanted.Name}, has {wanted.Bytes} bytes, not {parameters[i].Length}.";
            throw new ArgumentException(message, nameof(parameters));
        }
    }

    /// <summary>Variables of modules live as long as the machine.</summary>
    private nint Address(Variable variable)
    {
        if (!globals.TryGetValue(variable, out var address))
        {
            address = Memory.Allocate(variable.Bytes, variable.Name);
            variable.Initial?.CopyTo(DeviceMemory.View<byte>(address, (int)variable.Bytes));
            globals.Add(variable, address);
        }

        return address;
    }
}
