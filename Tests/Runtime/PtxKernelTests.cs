using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using MinRnn.Tests.PtxMachine;
using MinRnn.Tests.PtxMachine.Memory;
using Half = ILGPU.Half;

namespace MinRnn.Tests.Runtime;

/// <summary>What ILGPU writes for calls, tables, structures, arrays of a thread and inline assembly, executed.</summary>
public sealed class PtxKernelTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public void IntegersAreThoseOfTheirMethods()
    {
        long[] numbers =
        [
            0, 1, -1, 7, -9, 1L << 40, -(1L << 40) - 3, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 0x1234_5678_9ABC_DEF0,
        ];
        var x = machine.Memory.Allocate<long>(numbers, "x");
        var y = machine.Memory.Allocate(8 * numbers.Length, "y");
        machine.Launch(
            PtxCompiler.Compile(Kernel), 1, numbers.Length, [Argument.View(x, numbers.Length), Argument.View(y, numbers.Length)]);
        Assert.Equal(numbers.Select(Mix), DeviceMemory.View<long>(y, numbers.Length).ToArray());

        static void Kernel(ArrayView<long> x, ArrayView<long> y) => y[Group.IdxX] = Mix(x[Group.IdxX]);
    }

    [Fact]
    public void FunctionsAreCalled()
    {
        var x = machine.Memory.Allocate<float>([5, 2, 3, 4], "x");
        machine.Launch(PtxCompiler.Compile(Kernel), 1, 1, [Argument.View(x, 4)]);
        Assert.Equal([(2 * 3) + 5 + (3 * 4) + 5 + 2, 2, 3, 4], DeviceMemory.View<float>(x, 4).ToArray());

        static void Kernel(ArrayView<float> x) => x[0] = Called(x[1], 3, x) + CalledTwice(x[2], 4, x);
    }

    [Fact]
    public void TablesOfBranchesAreFollowed()
    {
        var x = machine.Memory.Allocate<int>([0, 1, 2, 3, 4, -1], "x");
        machine.Launch(PtxCompiler.Compile(Kernel), 1, 6, [Argument.View(x, 6)]);
        Assert.Equal([10, 21, 32, 43, -1, -1], DeviceMemory.View<int>(x, 6).ToArray());

        static void Kernel(ArrayView<int> x)
        {
            var i = Group.IdxX;
            switch (x[i])
            {
                case 0: x[i] += 10; break;
                case 1: x[i] += 20; break;
                case 2: x[i] += 30; break;
                case 3: x[i] += 40; break;
                default: x[i] = -1; break;
            }
        }
    }

    [Fact]
    public void ThreadsHaveArraysOfTheirOwn()
    {
        var x = machine.Memory.Allocate<int>(Enumerable.Range(0, 64).ToArray(), "x");
        machine.Launch(
            PtxCompiler.Compile(Kernel), 1, 64, [Argument.View(x, 64)], new LaunchOptions { Adversarial = true, MaxSlice = 5 });
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (i * (i % 8)) + i), DeviceMemory.View<int>(x, 64).ToArray());

        static void Kernel(ArrayView<int> x)
        {
            var own = LocalMemory.Allocate<int>(8);
            for (var i = 0; i < 8; i++)
                own[i] = Group.IdxX * i;
            x[Group.IdxX] += own[x[Group.IdxX] % 8];
        }
    }

    [Fact]
    public void StructuresArePassedWhole()
    {
        var a = machine.Memory.Allocate<float>([1, 2, 3, 4], "a");
        var b = machine.Memory.Allocate<float>([10, 20, 30, 40], "b");
        var record = new byte[56];
        Argument.View(a, 4).CopyTo(record, 0);
        Argument.Of(100).CopyTo(record, 16);
        Argument.View(b, 4).CopyTo(record, 24);
        Argument.Of(0.5).CopyTo(record, 40);
        record[48] = 200;
        var entry = PtxCompiler.Compile(Kernel);
        Assert.Equal([(56, 8, 0), (2, 2, 56)], entry.Parameters.Select(parameter => (parameter.Bytes, parameter.Alignment, parameter.Offset)));
        machine.Launch(entry, 2, 2, [record, Argument.Of((System.Half)1.5f)]);
        Assert.Equal([312, 322, 332, 342], DeviceMemory.View<float>(a, 4).ToArray());

        static void Kernel(Arguments arguments, Half half)
        {
            var i = Grid.GlobalIndex.X;
            arguments.A[i] = arguments.B[i] + (float)arguments.Real + arguments.Count + arguments.Byte + (float)half;
        }
    }

    [Fact]
    public void GroupsReduceAtTheirBarriers()
    {
        var x = machine.Memory.Allocate(48 * 4, "x");
        machine.Launch(
            PtxCompiler.Compile(Kernel), 1, 48, [Argument.View(x, 48)], new LaunchOptions { Adversarial = true, MaxSlice = 2, Seed = 5 });
        Assert.All(DeviceMemory.View<int>(x, 48).ToArray(), value => Assert.Equal((47 * 24) + 44 + 1000 + 20000, value));

        static void Kernel(ArrayView<int> x)
        {
            ref var sum = ref SharedMemory.Allocate<int>();
            if (Group.IsFirstThread)
                sum = 0;
            Group.Barrier();
            Atomic.Add(ref sum, Group.IdxX);
            Group.Barrier();
            x[Group.IdxX] = sum + Group.BarrierPopCount(Group.IdxX > 3)
                + (Group.BarrierOr(Group.IdxX == 40) ? 1000 : 0) + (Group.BarrierAnd(Group.IdxX > 0) ? 10000 : 20000);
        }
    }

    [Fact]
    public void InlineAssemblyIsExecuted()
    {
        var x = machine.Memory.Allocate<float>([0, 0, 3, 4, 0, 0, 0, 0], "x");
        var options = new LaunchOptions { WeakMemory = true, Adversarial = true };
        machine.Launch(PtxCompiler.Compile(Kernel), 1, 1, [Argument.Of((long)x), Argument.View(x, 8)], options);
        Assert.Equal([2.5f, 2.5f, 3, 4, 7, 0, 0, 0], DeviceMemory.View<float>(x, 8).ToArray());
        Assert.Equal(1, machine.Statistics.Fences);

        static void Kernel(long address, ArrayView<float> x)
        {
            CudaAsm.Emit("st.release.gpu.global.f32 [%0], %1;", address, 2.5f);
            CudaAsm.Emit("fence.acq_rel.gpu;");
            CudaAsm.Emit("ld.acquire.gpu.global.f32 %0, [%1];", out float seen, address);
            x[1] = seen;
            Input<long> pair = address + 8;
            Output<float> first = default, second = default;
            CudaAsm.EmitRef("ld.global.v2.f32 {%0, %1}, [%2];", ref first, ref second, ref pair);
            x[4] = first.Value + second.Value;
        }
    }

    [Fact]
    public void HalvesRoundAfterEachOperation()
    {
        var values = Enumerable.Range(0, 256).Select(i => (System.Half)((i * 0.173f) - 20)).ToArray();
        var x = machine.Memory.Allocate<System.Half>(values, "x");
        var y = machine.Memory.Allocate(256 * 2, "y");
        machine.Launch(PtxCompiler.Compile(Kernel), 1, 256, [Argument.View(x, 256), Argument.View(y, 256)]);
        Assert.Equal(values.Select(value => (value * value) + value), DeviceMemory.View<System.Half>(y, 256).ToArray());

        static void Kernel(ArrayView<Half> x, ArrayView<Half> y) => y[Group.IdxX] = (x[Group.IdxX] * x[Group.IdxX]) + x[Group.IdxX];
    }

    private static long Mix(long x)
    {
        var y = (int)x;
        var u = (ulong)x;
        var sum = (x * 3) + (x >> 2) - (x << 3) + (x / 7) + (x % 5) + Math.Max(x, 4) + ~x;
        sum += (y >> 3) + (y / 7) + (y % 11) + Math.Min(y, 9) + (y ^ 5) + (y & 7) + (y | 8);
        sum += (long)((u / 3) + (u % 7) + (u >> 3)) + (sbyte)y + (short)y + (byte)y + (ushort)y;
        sum += x > y && y != 0 ? 1 : 2;
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Called(float a, int b, ArrayView<float> x) => (a * b) + x[0];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float CalledTwice(float a, int b, ArrayView<float> x) => Called(a, b, x) + x[1];

    private readonly record struct Arguments(ArrayView<float> A, int Count, ArrayView<float> B, double Real, byte Byte);
}
