using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Bench.Peers;

/// <summary>
/// A copy between two native buffers by as many threads as a kernel uses, each its own span by <c>memmove</c>: the time that
/// moving bytes takes at the least.
/// </summary>
internal sealed unsafe class NativeCopy : IDisposable
{
    private readonly byte* _source;
    private readonly byte* _target;
    private readonly long _bytes;

    /// <param name="bytes">Bytes to copy: as many are read, and as many written.</param>
    public NativeCopy(long bytes)
    {
        _bytes = bytes;
        _source = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        _target = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        NativeMemory.Fill(_source, (nuint)bytes, 1);
        NativeMemory.Fill(_target, (nuint)bytes, 0);
    }

    public void Run()
    {
        var threads = Workers.MaxThreads;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var (first, end) = (_bytes * thread / threads, _bytes * (thread + 1) / threads);
            Buffer.MemoryCopy(_source + first, _target + first, end - first, end - first);
        });
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_source);
        NativeMemory.AlignedFree(_target);
    }
}
