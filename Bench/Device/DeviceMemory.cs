using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>Buffers on a device that is entered, freed together.</summary>
internal sealed class DeviceMemory(CudaDevice device) : IDisposable
{
    private const byte Poison = 0xFF;
    private readonly List<nint> buffers = [];

    /// <summary>A buffer full of bytes that are NaN in every type of elements; 0 for no bytes.</summary>
    public nint Take(long bytes)
    {
        if (bytes == 0)
            return 0;
        device.Check(device.Driver.MemoryAllocate(out var address, (nuint)bytes), "cuMemAlloc");
        buffers.Add(address);
        device.Check(device.Driver.MemorySetAsync(address, Poison, (nuint)bytes, 0), "cuMemsetD8Async");
        return address;
    }

    /// <summary>A copy of values; 0 for none.</summary>
    public nint Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var address = Take(values.Length * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        if (address != 0)
            device.Check(NativeDriver.Write(address, values), "cuMemcpyHtoD");
        return address;
    }

    /// <summary>A buffer that repeats a block of bytes.</summary>
    public nint Repeat(ReadOnlySpan<byte> block, long bytes)
    {
        var address = Take(bytes);
        var done = long.Min(block.Length, bytes);
        device.Check(NativeDriver.Write(address, block[..(int)done]), "cuMemcpyHtoD");
        for (; done < bytes; done += long.Min(done, bytes - done))
            device.Check(NativeDriver.Copy(address + (nint)done, address, long.Min(done, bytes - done)), "cuMemcpyDtoDAsync");
        return address;
    }

    /// <summary>What a buffer holds, after all work.</summary>
    public T[] Read<T>(nint address, long count)
        where T : unmanaged
    {
        var values = new T[count];
        if (count > 0)
        {
            device.Check(device.Driver.ContextSynchronize(), "cuCtxSynchronize");
            device.Check(NativeDriver.Read<T>(values, address), "cuMemcpyDtoH");
        }

        return values;
    }

    public void Dispose()
    {
        // After a failed launch every call fails, and the failure itself is what to report.
        foreach (var address in buffers)
            _ = device.Driver.MemoryFree(address);
    }
}
