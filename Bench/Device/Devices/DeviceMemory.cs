using System.Runtime.CompilerServices;

namespace MinRnn.Bench.Device;

/// <summary>Buffers on a device that is entered, freed together.</summary>
internal sealed unsafe class DeviceMemory(BenchDevice device) : IDisposable
{
    private const byte Poison = 0xFF;
    private readonly List<nint> buffers = [];

    /// <summary>A buffer full of bytes that are NaN in every type of elements; 0 for no bytes.</summary>
    public nint Take(long bytes)
    {
        if (bytes == 0)
            return 0;
        device.Check(device.Cuda.Driver.MemoryAllocate(out var address, (nuint)bytes), "cuMemAlloc");
        buffers.Add(address);
        device.Check(device.Cuda.Driver.MemorySetAsync(address, Poison, (nuint)bytes, 0), "cuMemsetD8Async");
        return address;
    }

    /// <summary>A copy of values; 0 for none.</summary>
    public nint Copy(ReadOnlySpan<byte> values)
    {
        var address = Take(values.Length);
        if (address != 0)
            Write(address, values);
        return address;
    }

    /// <summary>A buffer that repeats a block of bytes.</summary>
    public nint Repeat(ReadOnlySpan<byte> block, long bytes)
    {
        var address = Take(bytes);
        var done = long.Min(block.Length, bytes);
        Write(address, block[..(int)done]);
        for (; done < bytes; done += long.Min(done, bytes - done))
        {
            device.Check(
                device.Copies.WithinDevice(address + (nint)done, address, (nuint)long.Min(done, bytes - done)), "cuMemcpyDtoDAsync");
        }

        return address;
    }

    /// <summary>What a buffer holds, after all work.</summary>
    public T[] Read<T>(nint address, long count)
        where T : unmanaged
    {
        var values = new T[count];
        if (count == 0)
            return values;
        device.Wait();
        fixed (T* target = values)
            device.Check(device.Copies.ToHost(target, address, (nuint)count * (nuint)Unsafe.SizeOf<T>()), "cuMemcpyDtoH");
        return values;
    }

    public void Dispose()
    {
        // After a failed launch every call fails, and the failure itself is what to report.
        foreach (var address in buffers)
            _ = device.Cuda.Driver.MemoryFree(address);
    }

    private void Write(nint address, ReadOnlySpan<byte> values)
    {
        fixed (byte* source = values)
            device.Check(device.Copies.ToDevice(address, source, (nuint)values.Length), "cuMemcpyHtoD");
    }
}
