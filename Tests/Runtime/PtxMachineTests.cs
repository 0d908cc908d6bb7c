using ILGPU;
using MinRnn.Ilgpu;
using MinRnn.Tests.PtxMachine;
using MinRnn.Tests.PtxMachine.Memory;
using Half = ILGPU.Half;

namespace MinRnn.Tests.Runtime;

/// <summary>The interpreter of PTX, on kernels that ILGPU compiles and on hand-written ones.</summary>
public sealed class PtxMachineTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public void SaxpyIsWhatItIs()
    {
        var x = Values(1000, i => i * 0.37f);
        var y = Values(1000, i => 5 - (i * 0.11f));
        var (left, right) = (machine.Memory.Allocate<float>(x, "x"), machine.Memory.Allocate<float>(y, "y"));
        machine.Launch(
            PtxCompiler.Compile(Saxpy), 8, 128, [Argument.View(left, 1000), Argument.View(right, 1000), Argument.Of(1.7f), Argument.Of(1000)]);
        Assert.Equal(x.Zip(y, (a, b) => (1.7f * a) + b), DeviceMemory.View<float>(right, 1000).ToArray());
        Assert.Equal(8000, machine.Statistics.GlobalBytesLoaded);
        Assert.Equal(4000, machine.Statistics.GlobalBytesStored);

        static void Saxpy(ArrayView<float> x, ArrayView<float> y, float a, int n)
        {
            var i = Grid.GlobalIndex.X;
            if (i < n)
                y[i] = (a * x[i]) + y[i];
        }
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 4096)]
    [InlineData(true, 1)]
    [InlineData(true, 100)]
    public void GroupsSumInSharedMemory(bool adversarial, int slice)
    {
        var x = machine.Memory.Allocate<float>(Values(1024, i => i % 7), "x");
        var sums = machine.Memory.Allocate(16, "sums");
        machine.Launch(
            PtxCompiler.Compile(Sum),
            4,
            256,
            [Argument.View(x, 1024), Argument.View(sums, 4)],
            new LaunchOptions { Adversarial = adversarial, MaxSlice = slice, Seed = slice });
        var expected = Enumerable.Range(0, 4).Select(group => Values(256, i => ((group * 256) + i) % 7).Sum());
        Assert.Equal(expected, DeviceMemory.View<float>(sums, 4).ToArray());
        Assert.Equal(4 * 9, machine.Statistics.Barriers);

        static void Sum(ArrayView<float> x, ArrayView<float> sums)
        {
            var shared = SharedMemory.Allocate<float>(256);
            var t = Group.IdxX;
            shared[t] = x[(Grid.IdxX * Group.DimX) + t];
            Group.Barrier();
            for (var half = 128; half > 0; half >>= 1)
            {
                if (t < half)
                    shared[t] += shared[t + half];
                Group.Barrier();
            }

            if (t == 0)
                sums[Grid.IdxX] = shared[0];
        }
    }

    [Fact]
    public void WideAccessesAreCountedAndChecked()
    {
        var x = Values(512, i => i);
        var source = machine.Memory.Allocate<float>(x, "source");
        var target = machine.Memory.Allocate(512 * 4, "target");
        var entry = PtxCompiler.Compile(Copy);
        machine.Launch(entry, 1, 128, [Argument.View(source, 512), Argument.View(target, 512)]);
        Assert.Equal(x, DeviceMemory.View<float>(target, 512).ToArray());
        Assert.Equal(256, machine.Statistics.WideAccesses);
        Assert.Equal(2048, machine.Statistics.GlobalBytesLoaded);

        var odd = Assert.Throws<PtxFaultException>(
            () => machine.Launch(entry, 1, 1, [Argument.View(source + 4, 512), Argument.View(target, 512)]));
        Assert.Contains("not a multiple of 16", odd.Message, StringComparison.Ordinal);
        Assert.Contains("byte 4 of the 2048 of 'source'", odd.Message, StringComparison.Ordinal);
        Assert.Contains("thread (0, 0, 0), line", odd.Message, StringComparison.Ordinal);

        var far = Assert.Throws<PtxFaultException>(
            () => machine.Launch(entry, 2, 128, [Argument.View(source, 512), Argument.View(target, 512)]));
        Assert.Contains("0 bytes behind the end of 'source'", far.Message, StringComparison.Ordinal);
        Assert.Contains("group (1, 0, 0)", far.Message, StringComparison.Ordinal);

        static void Copy(ArrayView<float> source, ArrayView<float> target)
        {
            var i = Grid.GlobalIndex.X;
            target.Cast<Float4>()[i] = source.Cast<Float4>()[i];
        }
    }

    [Theory]
    [InlineData(BlockOrder.InOrder)]
    [InlineData(BlockOrder.Reversed)]
    [InlineData(BlockOrder.Shuffled)]
    public void TicketsAreDealtOnce(BlockOrder order)
    {
        var counters = machine.Memory.Allocate(3 * 4, "counters");
        var owners = machine.Memory.Allocate(320 * 4, "owners");
        var options = new LaunchOptions { Adversarial = true, WeakMemory = true, BlockOrder = order, Seed = 3, MaxSlice = 20 };
        machine.Launch(PtxCompiler.Compile(Ticket), 5, 64, [Argument.View(counters, 3), Argument.View(owners, 320)], options);
        Assert.Equal([320, 319, 0], DeviceMemory.View<int>(counters, 3).ToArray());
        var dealt = DeviceMemory.View<int>(owners, 320).ToArray();
        Assert.NotEqual(Enumerable.Range(0, 320), dealt);
        Assert.Equal(Enumerable.Range(0, 320), dealt.Order());

        static void Ticket(ArrayView<int> counters, ArrayView<int> owners)
        {
            var ticket = Atomic.Add(ref counters[0], 1);
            Atomic.Max(ref counters[1], ticket);
            Atomic.Min(ref counters[2], ticket);
            owners[ticket] = Grid.GlobalIndex.X;
        }
    }

    [Fact]
    public void FunctionsOfKernelsAreAccurate()
    {
        var x = Values(4096, i => (i - 2047.5f) / 100);
        var input = machine.Memory.Allocate<float>(x, "x");
        var output = machine.Memory.Allocate(4 * 4096 * 4, "y");
        machine.Launch(PtxCompiler.Compile(Functions), 16, 256, [Argument.View(input, 4096), Argument.View(output, 4 * 4096)]);
        var y = DeviceMemory.View<float>(output, 4 * 4096).ToArray();
        for (var i = 0; i < x.Length; i++)
        {
            Close(1 / (1 + Math.Exp(-(double)x[i])), y[4 * i]);
            Close(Math.Tanh(x[i]), y[(4 * i) + 1]);
            Close(Math.Exp(x[i]), y[(4 * i) + 2]);
            Close(Math.Log(Math.Abs((double)x[i])), y[(4 * i) + 3]);
        }

        static void Close(double expected, float actual) =>
            Assert.True(Math.Abs(expected - actual) <= 1e-6 * Math.Max(1, Math.Abs(expected)), $"{actual} instead of {expected}");

        static void Functions(ArrayView<float> x, ArrayView<float> y)
        {
            var i = Grid.GlobalIndex.X;
            y[4 * i] = GpuMath.Sigmoid(x[i]);
            y[(4 * i) + 1] = GpuMath.Tanh(x[i]);
            y[(4 * i) + 2] = GpuMath.Exp(x[i]);
            y[(4 * i) + 3] = GpuMath.Log(GpuMath.Abs(x[i]));
        }
    }

    [Fact]
    public void HalvesConvertBothWays()
    {
        var bits = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var source = machine.Memory.Allocate<ushort>(bits, "source");
        var singles = machine.Memory.Allocate(65536 * 4, "singles");
        var target = machine.Memory.Allocate(65536 * 2, "target");
        machine.Launch(
            PtxCompiler.Compile(Convert), 256, 256, [Argument.View(source, 65536), Argument.View(singles, 65536), Argument.View(target, 65536)]);
        var values = DeviceMemory.View<float>(singles, 65536);
        var back = DeviceMemory.View<ushort>(target, 65536);
        for (var i = 0; i < 65536; i++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf(bits[i]);
            if (float.IsNaN(expected))
            {
                Assert.True(float.IsNaN(values[i]));
                Assert.True(System.Half.IsNaN(BitConverter.UInt16BitsToHalf(back[i])));
                continue;
            }

            Assert.Equal(expected, values[i]);
            Assert.Equal(bits[i], back[i]);
        }

        static void Convert(ArrayView<Half> source, ArrayView<float> singles, ArrayView<Half> target)
        {
            var i = Grid.GlobalIndex.X;
            singles[i] = source[i];
            target[i] = (Half)singles[i];
        }
    }

    [Fact]
    public void WarpsExchangeValues()
    {
        var sums = machine.Memory.Allocate(64 * 4, "sums");
        machine.Launch(PtxCompiler.Compile(Exchange), 1, 64, [Argument.View(sums, 64)], new LaunchOptions { Adversarial = true, MaxSlice = 3 });
        Assert.Equal(
            Enumerable.Repeat((31 * 16) + 7, 32).Concat(Enumerable.Repeat((31 * 16) + (32 * 32) + 39, 32)),
            DeviceMemory.View<int>(sums, 64).ToArray());

        static void Exchange(ArrayView<int> sums)
        {
            var value = Group.IdxX;
            for (var step = 16; step > 0; step >>= 1)
                value += Warp.ShuffleXor(value, step);
            Warp.Barrier();
            sums[Group.IdxX] = value + Warp.Shuffle(Group.IdxX, 7);
        }
    }

    [Fact]
    public void DynamicSharedMemoryIsTheLaunchs()
    {
        var x = machine.Memory.Allocate<float>(Values(64, i => i), "x");
        var entry = PtxCompiler.Compile(Reverse);
        machine.Launch(entry, 1, 64, [Argument.View(x, 64)], new LaunchOptions { DynamicSharedBytes = 256 });
        Assert.Equal(Values(64, i => 63 - i), DeviceMemory.View<float>(x, 64).ToArray());
        var fault = Assert.Throws<PtxFaultException>(
            () => machine.Launch(entry, 1, 64, [Argument.View(x, 64)], new LaunchOptions { DynamicSharedBytes = 128 }));
        Assert.Contains("Shared address 0x80", fault.Message, StringComparison.Ordinal);

        static void Reverse(ArrayView<float> x)
        {
            var shared = SharedMemory.GetDynamic<float>();
            shared[Group.IdxX] = x[Group.IdxX];
            Group.Barrier();
            x[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
        }
    }

    private static float[] Values(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];

    private readonly record struct Float4(float X, float Y, float Z, float W);
}
