using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Memory;

/// <summary>Turns addresses of a state space into addresses of this process, and checks them.</summary>
internal unsafe interface ISpace
{
    static abstract byte* Resolve(Lane lane, ulong address, int bytes);

    /// <summary>Whether the access is one of global memory.</summary>
    static abstract bool IsGlobal(ulong address);
}

/// <summary>
/// Generic addresses of shared and local memory. Addresses of variables are offsets in their own space, as on a device: they
/// become generic by <c>cvta</c> alone, and a kernel that forgets it faults.
/// </summary>
internal static class Window
{
    public const ulong Shared = 1UL << 56;
    public const ulong Local = 2UL << 56;
    public const ulong Mask = 255UL << 56;
}

internal readonly unsafe struct GlobalSpace : ISpace
{
    public static byte* Resolve(Lane lane, ulong address, int bytes)
    {
        if ((address & (ulong)(bytes - 1)) != 0)
            throw lane.Fault($"Global address 0x{address:x} is not a multiple of {bytes}: {lane.Memory.Describe(address)}.");
        if (!lane.Memory.Contains(address, bytes))
            throw lane.Fault($"Global address 0x{address:x} ({bytes} bytes) is out of range: {lane.Memory.Describe(address)}.");
        return (byte*)address;
    }

    public static bool IsGlobal(ulong address) => true;
}

internal readonly unsafe struct SharedSpace : ISpace
{
    public static byte* Resolve(Lane lane, ulong address, int bytes)
    {
        var block = lane.Block;
        if ((address & (ulong)(bytes - 1)) != 0)
            throw lane.Fault($"Shared address 0x{address:x} is not a multiple of {bytes}.");
        if (address + (ulong)bytes > (ulong)block.SharedBytes || address > int.MaxValue)
            throw lane.Fault($"Shared address 0x{address:x} ({bytes} bytes) is out of range: the group has {block.SharedBytes} bytes.");
        return block.Shared + address;
    }

    public static bool IsGlobal(ulong address) => false;
}

internal readonly unsafe struct LocalSpace : ISpace
{
    public static byte* Resolve(Lane lane, ulong address, int bytes)
    {
        if ((address & (ulong)(bytes - 1)) != 0)
            throw lane.Fault($"Local address 0x{address:x} is not a multiple of {bytes}.");
        if (address + (ulong)bytes > (ulong)lane.LocalBytes || address > int.MaxValue)
            throw lane.Fault($"Local address 0x{address:x} ({bytes} bytes) is out of range: a thread has {lane.LocalBytes} bytes.");
        return lane.Local + address;
    }

    public static bool IsGlobal(ulong address) => false;
}

/// <summary>Parameters of the entry.</summary>
internal readonly unsafe struct ParameterSpace : ISpace
{
    public static byte* Resolve(Lane lane, ulong address, int bytes)
    {
        var launch = lane.Block.Launch;
        if (address + (ulong)bytes > (ulong)launch.ParameterBytes || address > int.MaxValue)
            throw lane.Fault($"Parameter address {address} ({bytes} bytes) is out of range: there are {launch.ParameterBytes} bytes.");
        return launch.Parameters + address;
    }

    public static bool IsGlobal(ulong address) => false;
}

internal readonly unsafe struct GenericSpace : ISpace
{
    public static byte* Resolve(Lane lane, ulong address, int bytes) => (address & Window.Mask) switch
    {
        Window.Shared => SharedSpace.Resolve(lane, address - Window.Shared, bytes),
        Window.Local => LocalSpace.Resolve(lane, address - Window.Local, bytes),
        _ => GlobalSpace.Resolve(lane, address, bytes),
    };

    public static bool IsGlobal(ulong address) => (address & Window.Mask) == 0;
}
