using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Devices;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>What ILGPU alone does not do: devices without a generic address space run kernels, and run them right.</summary>
public class OpenClTests(OpenClDevice device) : IClassFixture<OpenClDevice>
{
    private const int Threads = 64;

    private interface IOperation<T>
    {
        static abstract T Combine(T first, T second);
    }

    private Accelerator Accelerator => device.Accelerator!;

    [OpenClFact]
    public void DeviceIsThere()
    {
        Assert.IsType<CLAccelerator>(Accelerator);
        Assert.Equal(OptimizationLevel.O1, Accelerator.Context.Properties.OptimizationLevel);
    }

    [OpenClFact]
    public void StructsSharedMemoryAndBarriers()
    {
        const int groups = 5;
        Affine[] maps = [.. Enumerable.Range(0, groups * Threads).Select(i => new Affine(0.5f + (i % 7 * 0.0625f), i % 11))];
        using var input = Accelerator.Allocate1D(maps);
        using var output = Accelerator.Allocate1D<float>(maps.Length);
        Load<Action<AcceleratorStream, KernelConfig, Arguments>>(Scan<Composition>)(
            Accelerator.DefaultStream,
            new KernelConfig(groups, Threads),
            new Arguments { Maps = input.View, Output = output.View, Start = 2 });
        var actual = output.GetAsArray1D();
        for (var at = 0; at < maps.Length;)
        {
            var state = 2.0;
            for (var thread = 0; thread < Threads; thread++, at++)
            {
                state = (maps[at].Factor * state) + maps[at].Offset;
                Assert.Equal(state, actual[at], 1e-4 * state);
            }
        }
    }

    /// <summary>At its level O2, ILGPU reads what the store before has overwritten.</summary>
    [OpenClFact]
    public void LoadStaysBeforeTheStoreToItsPlace()
    {
        float[] values = [1, 2, 3, 4, 5];
        using var view = Accelerator.Allocate1D(values);
        Load<Action<AcceleratorStream, KernelConfig, ArrayView<float>>>(ExclusiveSums)(
            Accelerator.DefaultStream, new KernelConfig(1, 1), view.View);
        Assert.Equal([0, 1, 3, 6, 10], view.GetAsArray1D());
    }

    /// <summary>However the accelerator was made, a layer's kernels compile on it.</summary>
    [OpenClFact]
    public void LayerAgreesWithCpu()
    {
        using var context = Accelerators.CreateContext();
        using var accelerator = context.PreferredDevices().OfType<CLDevice>().First().CreateAccelerator(context);
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        var input = ScanInput.Random(description, 3, 37, seed: 11);
        var expected = new CpuBackend().Run(description, input);
        var (error, tensor) = new IlgpuBackend(typeof(GpuMinGru), accelerator).Run(description, input).ErrorAgainst(expected);
        Assert.True(error < 1e-6, $"{tensor} is off by {error:e2}.");
    }

    /// <summary>A kernel has one set of arguments for all queues.</summary>
    [OpenClFact]
    public void ThreadsWithStreamsOfTheirOwnDoNotMix()
    {
        const int batch = 2, time = 20, channels = 5;
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        var inputs = Enumerable.Range(0, 4)
            .Select(thread => Enumerable.Range(0, batch * time * 2 * channels).Select(i => ((i + (5 * thread)) % 17 / 4f) - 2).ToArray()).ToArray();
        var expected = inputs.Select(input => Run(input, 1).Single()).ToArray();
        var wrong = 0;
        var threads = Enumerable.Range(0, inputs.Length).Select(i => new Thread(() =>
            Interlocked.Add(ref wrong, Run(inputs[i], 3000).Count(output => !output.SequenceEqual(expected[i]))))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, wrong);

        List<float[]> Run(float[] input, int times)
        {
            using var stream = Accelerator.CreateStream();
            using var preactivations = Accelerator.Allocate1D<float>(input.Length);
            using var output = Accelerator.Allocate1D<float>(batch * time * channels);
            preactivations.View.CopyFromCPU(stream, input);
            var outputs = new List<float[]>();
            for (var i = 0; i < times; i++)
            {
                output.MemSetToZero(stream);
                gpu.Forward(stream, preactivations.View, default, output.View, default, batch, time);
                stream.Synchronize();
                outputs.Add(output.GetAsArray1D(stream));
            }

            return outputs;
        }
    }

    /// <summary>An inclusive scan of each group, its result applied to the start.</summary>
    private static void Scan<TOperation>(Arguments arguments)
        where TOperation : struct, IOperation<Affine>
    {
        var shared = SharedMemory.Allocate<Affine>(Threads);
        var thread = Group.IdxX;
        var at = Grid.LongGlobalIndex.X;
        var map = arguments.Maps[at];
        for (var distance = 1; distance < Threads; distance <<= 1)
        {
            shared[thread] = map;
            Group.Barrier();
            if (thread >= distance)
                map = TOperation.Combine(shared[thread - distance], map);
            Group.Barrier();
        }

        arguments.Output[at] = (map.Factor * arguments.Start) + map.Offset;
    }

    private static void ExclusiveSums(ArrayView<float> view)
    {
        var sum = 0f;
        for (long i = 0; i < view.Length; i++)
        {
            var value = view[i];
            view[i] = sum;
            sum += value;
        }
    }

    private TLauncher Load<TLauncher>(Delegate kernel)
        where TLauncher : Delegate => KernelCache.Of(Accelerator).Get<TLauncher>(Accelerator, kernel.Method);

    private struct Arguments
    {
        public ArrayView<Affine> Maps;
        public ArrayView<float> Output;
        public float Start;
    }

    private readonly struct Affine(float factor, float offset)
    {
        public readonly float Factor = factor;
        public readonly float Offset = offset;
    }

    private readonly struct Composition : IOperation<Affine>
    {
        public static Affine Combine(Affine first, Affine second) =>
            new(first.Factor * second.Factor, (first.Offset * second.Factor) + second.Offset);
    }
}
