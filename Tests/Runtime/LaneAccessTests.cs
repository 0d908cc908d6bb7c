using System.Numerics;
using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Tests.Runtime;

/// <summary>Tails touch no memory but their own, and compute the same bits as whole vectors.</summary>
public unsafe class LaneAccessTests
{
    private const int Guard = -77;

    [Fact]
    public void PartialFloatsStayInside() => PartialStaysInside<float>(Guard);

    [Fact]
    public void PartialDoublesStayInside() => PartialStaysInside<double>(Guard);

    [Fact]
    public void FloatTailsHaveTheBitsOfWholeVectors() =>
        TailsMatch<float, FloatFunction>(index => (index * 37 % 101 - 50) * 0.37f);

    [Fact]
    public void DoubleTailsHaveTheBitsOfWholeVectors() =>
        TailsMatch<double, DoubleFunction>(index => (index * 37 % 101 - 50) * 0.37);

    [Fact]
    public void StreamingWritesWhatFullWrites()
    {
        var size = Vector<float>.Count * 4;
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)(size * sizeof(float)), (nuint)Vector<byte>.Count);
        for (var offset = 0; offset < size; offset += Vector<float>.Count)
        {
            var value = Vector.CreateSequence((float)offset, 1f);
            StreamingLanes<float>.Write(value, ref *memory, offset, 0);
            Assert.Equal(value, FullLanes<float>.Load(ref *memory, offset, 0));
            Assert.Equal(value, StreamingLanes<float>.Load(ref *memory, offset, 0));
            StreamingLanes<float>.Store(-value, ref *memory, offset, 0);
            Assert.Equal(-value, FullLanes<float>.Load(ref *memory, offset, 0));
        }
        NativeMemory.AlignedFree(memory);
    }

    private static void PartialStaysInside<T>(T guard)
        where T : unmanaged, INumber<T>
    {
        var width = Vector<T>.Count;
        var row = GC.AllocateArray<T>(3 * width, pinned: true);
        for (var lanes = 0; lanes <= width; lanes++)
        {
            for (var index = 0; index < row.Length; index++)
                row[index] = T.CreateChecked(index + 1);
            var value = PartialLanes<T>.Load(ref row[0], width, lanes);
            for (var lane = 0; lane < width; lane++)
                Assert.Equal(lane < lanes ? row[width + lane] : T.Zero, value[lane]);

            var count = lanes;
            var written = Vector.CreateSequence(T.CreateChecked(100), T.One);
            Check(count, () => PartialLanes<T>.Write(written, ref row[0], width, count));
            Check(count, () => PartialLanes<T>.Store(written, ref row[0], width, count));
        }

        void Check(int lanes, Action write)
        {
            Array.Fill(row, guard);
            write();
            for (var index = 0; index < row.Length; index++)
            {
                var lane = index - width;
                Assert.Equal(lane >= 0 && lane < lanes ? T.CreateChecked(100 + lane) : guard, row[index]);
            }
        }
    }

    private static void TailsMatch<T, TFunction>(Func<int, T> element)
        where T : unmanaged, INumber<T>
        where TFunction : IFunction<T>
    {
        var width = Vector<T>.Count;
        var source = GC.AllocateArray<T>(8 * width, pinned: true);
        var whole = GC.AllocateArray<T>(source.Length, pinned: true);
        var parts = GC.AllocateArray<T>(source.Length, pinned: true);
        for (var index = 0; index < source.Length; index++)
            source[index] = element(index);
        for (var offset = 0; offset < source.Length; offset += width)
        {
            var full = TFunction.Apply(FullLanes<T>.Load(ref source[0], offset, width));
            FullLanes<T>.Write(full, ref whole[0], offset, width);
            var split = offset / width % (width + 1);
            foreach (var (start, lanes) in new[] { (offset, split), (offset + split, width - split) })
            {
                var part = TFunction.Apply(PartialLanes<T>.Load(ref source[0], start, lanes));
                PartialLanes<T>.Write(part, ref parts[0], start, lanes);
            }
        }
        Assert.Equal(MemoryMarshal.AsBytes(whole.AsSpan()), MemoryMarshal.AsBytes(parts.AsSpan()));
    }

    private interface IFunction<T>
    {
        static abstract Vector<T> Apply(Vector<T> x);
    }

    private readonly struct FloatFunction : IFunction<float>
    {
        public static Vector<float> Apply(Vector<float> x) => VectorMath.Sigmoid(x) * VectorMath.Tanh(x);
    }

    private readonly struct DoubleFunction : IFunction<double>
    {
        public static Vector<double> Apply(Vector<double> x) => VectorMath.Sigmoid(x) * VectorMath.Tanh(x);
    }
}
