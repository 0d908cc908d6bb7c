using System.Runtime.InteropServices;

namespace MinRnn.Tests.PtxMachine.Memory;

/// <summary>
/// The global memory of a machine: ranges of this process's own memory. Kernels may touch these and nothing else.
/// </summary>
public sealed unsafe class DeviceMemory : IDisposable
{
    private const int AllocationAlignment = 256;

    private readonly List<nint> owned = [];
    private MemoryRange[] ranges = [];
    private int last;

    /// <summary>Lets kernels reach a range, which must stay in place: native or pinned memory.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">Length; an empty range is remembered for messages alone.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ArgumentException">The range is negative or overlaps another.</exception>
    public void Register(nint address, long bytes, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentNullException.ThrowIfNull(name);
        var range = new MemoryRange((ulong)address, bytes, name);
        if (ranges.FirstOrDefault(other => other.Start < range.End && range.Start < other.End) is { } overlapped)
            throw new ArgumentException($"'{name}' overlaps '{overlapped.Name}'.", nameof(address));
        ranges = [.. ranges.Append(range).OrderBy(other => other.Start)];
        last = 0;
    }

    /// <summary>Takes a range back.</summary>
    /// <exception cref="ArgumentException">No range begins there.</exception>
    public void Unregister(nint address)
    {
        var rest = ranges.Where(range => range.Start != (ulong)address).ToArray();
        if (rest.Length == ranges.Length)
            throw new ArgumentException($"No range begins at 0x{address:x}.", nameof(address));
        ranges = rest;
        last = 0;
    }

    /// <summary>A range of the machine's own, of zeros, released with it.</summary>
    public nint Allocate(long bytes, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), AllocationAlignment);
        NativeMemory.Clear((void*)address, (nuint)bytes);
        owned.Add(address);
        Register(address, bytes, name);
        return address;
    }

    /// <summary>A range of the machine's own that begins with these values.</summary>
    public nint Allocate<T>(ReadOnlySpan<T> values, string name)
        where T : unmanaged
    {
        var address = Allocate((long)values.Length * sizeof(T), name);
        values.CopyTo(new Span<T>((void*)address, values.Length));
        return address;
    }

    /// <summary>Elements of memory at an address.</summary>
    public static Span<T> View<T>(nint address, int count)
        where T : unmanaged => new((void*)address, count);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var address in owned)
            NativeMemory.AlignedFree((void*)address);
        owned.Clear();
        ranges = [];
    }

    /// <summary>Whether a range holds these bytes.</summary>
    internal bool Contains(ulong address, long bytes)
    {
        var current = ranges;
        if ((uint)last < (uint)current.Length && current[last].Contains(address, bytes))
            return true;
        int low = 0, high = current.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (current[middle].Start > address)
                high = middle - 1;
            else
                low = middle + 1;
        }

        if (high < 0 || !current[high].Contains(address, bytes))
            return false;
        last = high;
        return true;
    }

    /// <summary>Where an address lies, in words.</summary>
    internal string Describe(ulong address)
    {
        var before = ranges.LastOrDefault(range => range.Start <= address);
        var after = ranges.FirstOrDefault(range => range.Start > address);
        var parts = new List<string>();
        if (before is not null)
        {
            var place = (long)(address - before.Start);
            parts.Add(place < before.Bytes
                ? $"byte {place} of the {before.Bytes} of '{before.Name}'"
                : $"{place - before.Bytes} bytes behind the end of '{before.Name}' ({before.Bytes} bytes)");
        }

        if (after is not null && (before is null || address >= before.End))
            parts.Add($"{after.Start - address} bytes before '{after.Name}'");
        return parts.Count == 0 ? "no memory is registered" : string.Join(", ", parts);
    }

    private sealed record MemoryRange(ulong Start, long Bytes, string Name)
    {
        public ulong End { get; } = Start + (ulong)Bytes;

        public bool Contains(ulong address, long bytes) => address >= Start && address + (ulong)bytes <= End;
    }
}
