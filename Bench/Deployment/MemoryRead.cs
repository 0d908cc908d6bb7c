using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Bench.Deployment;

/// <summary>Reads so many bytes from end to end on one thread, and does next to nothing with them: the least time that weights take.</summary>
internal sealed unsafe class MemoryRead : IDisposable
{
    private readonly float* _start;
    private readonly long _count;

    public MemoryRead(long bytes)
    {
        _count = bytes / sizeof(float) / (4 * Vector<float>.Count) * (4 * Vector<float>.Count);
        _start = (float*)NativeMemory.AlignedAlloc((nuint)(_count * sizeof(float)), 64);
        new Span<float>(_start, (int)_count).Fill(1);
    }

    public long Bytes => _count * sizeof(float);

    public float Sum { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var v = Vector<float>.Count;
        for (long i = 0; i < _count; i += 4 * v)
        {
            s0 += Vector.Load(_start + i);
            s1 += Vector.Load(_start + i + v);
            s2 += Vector.Load(_start + i + (2 * v));
            s3 += Vector.Load(_start + i + (3 * v));
        }

        Sum = Vector.Sum(s0 + s1 + s2 + s3);
    }

    public void Dispose() => NativeMemory.AlignedFree(_start);
}
