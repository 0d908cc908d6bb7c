using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Devices;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>The generated class itself: its checks, what it leaves out, and its cache.</summary>
public class GpuClassTests(Simulator simulator) : IClassFixture<Simulator>
{
    private const int H = 5;

    private Accelerator Accelerator => simulator.Accelerator;

    [Fact]
    public void CallsAsTheContractWritesThem()
    {
        int batch = 2, time = 6;
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D(Ramp(batch * time * 2 * H));
        using var initialState = Accelerator.Allocate1D(new float[batch * H]);
        using var output = Accelerator.Allocate1D<float>(batch * time * H);
        using var finalState = Accelerator.Allocate1D<float>(batch * H);
        gpu.Warmup();
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, initialState.View, output.View, finalState.View, batch, time);
        Accelerator.Synchronize();
        var last = output.GetAsArray1D();
        Assert.Equal(last[((time - 1) * H)..(time * H)], finalState.GetAsArray1D()[..H]);

        // Results that are not wanted, and a state of zeros.
        using var again = Accelerator.Allocate1D<float>(batch * time * H);
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, default, again.View, default, batch, time);
        gpu.Backward(Accelerator.DefaultStream, preactivations.View, default, again.View, again.View, default, default, finalState.View, batch, time);
        gpu.Backward(Accelerator.DefaultStream, preactivations.View, default, again.View, default, default, default, default, batch, time);
        Accelerator.Synchronize();
        Assert.Equal(last, again.GetAsArray1D());
        Assert.Contains(finalState.GetAsArray1D(), gradient => gradient != 0);
    }

    [Fact]
    public void ForwardWithoutKeptStatesGivesTheSameOutput()
    {
        using var gpu = new GpuOscillator.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D(Ramp(2 * 5 * 3 * H));
        using var weights = Accelerator.Allocate1D(Ramp(H));
        using var input = Accelerator.Allocate1D(Ramp(2 * 5 * H));
        using var states = Accelerator.Allocate1D<float>(2 * 5 * 2 * H);
        using var output = Accelerator.Allocate1D<float>(2 * 5 * H);
        using var lean = Accelerator.Allocate1D<float>(2 * 5 * H);
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, weights.View, weights.View, input.View, default, output.View, states.View, default, 2, 5);
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, weights.View, weights.View, input.View, default, lean.View, default, default, 2, 5);
        Accelerator.Synchronize();
        Assert.Equal(output.GetAsArray1D(), lean.GetAsArray1D());
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D<float>(2 * 3 * 2 * H);
        using var output = Accelerator.Allocate1D<float>((2 * 3 * H) - 1);
        using var state = Accelerator.Allocate1D<float>(H);
        var stream = Accelerator.DefaultStream;
        ArrayView<float> none = default;

        var error = Assert.Throws<ArgumentException>(() => gpu.Forward(stream, preactivations.View, none, output.View, none, 2, 3));
        Assert.Equal("output", error.ParamName);
        Assert.Contains("29", error.Message, StringComparison.Ordinal);
        Assert.Contains("30", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => gpu.Step(stream, preactivations.View, state.View, none, 6));
        Assert.Equal("state", error.ParamName);
        Assert.Equal("batch", Assert.Throws<ArgumentOutOfRangeException>(() => gpu.Forward(stream, none, none, none, none, -1, 3)).ParamName);
        Assert.Equal("time", Assert.Throws<ArgumentOutOfRangeException>(() => gpu.Forward(stream, none, none, none, none, 1, -3)).ParamName);
        Assert.Throws<ArgumentNullException>(() => gpu.Forward(null!, none, none, none, none, 0, 0));
        Assert.Throws<ArgumentNullException>(() => new GpuMinGru.Gpu(null!));

        using var context = Context.Create(builder => builder.CPU());
        using var other = context.CreateCPUAccelerator(0);
        Assert.Equal("stream", Assert.Throws<ArgumentException>(() => gpu.Forward(other.DefaultStream, none, none, none, none, 0, 0)).ParamName);
        gpu.Dispose();
        Assert.Equal("Gpu", Assert.Throws<ObjectDisposedException>(() => gpu.Forward(stream, none, none, none, none, 0, 0)).ObjectName);
        Assert.Throws<ObjectDisposedException>(gpu.Warmup);
    }

    /// <summary>A kernel that reads such memory ends the process.</summary>
    [Fact]
    public void RefusesMemoryThatItCannotReach()
    {
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D<float>(2 * H);
        using var output = Accelerator.Allocate1D<float>(H);
        using var context = Context.Create(builder => builder.CPU());
        using var elsewhere = context.CreateCPUAccelerator(0);
        using var foreign = elsewhere.Allocate1D<float>(H);
        var stream = Accelerator.DefaultStream;
        var error = Assert.Throws<ArgumentException>("finalState", () => gpu.Forward(stream, preactivations.View, default, output.View, foreign.View, 1, 1));
        Assert.StartsWith("'finalState' lies in memory of ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("initialState", () => gpu.Backward(
            stream, preactivations.View, foreign.View, output.View, default, default, preactivations.View, default, ScanSequences.Packed([0, 1], 1)));

        var view = output.View;
        output.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gpu.Forward(stream, preactivations.View, default, view, default, 1, 1));
    }

    [Fact]
    public void NamesSizesBeyondAllNumbers()
    {
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        ArrayView<float> none = default;
        var error = Assert.Throws<ArgumentException>(
            "preactivations", () => gpu.Forward(Accelerator.DefaultStream, none, none, none, none, 1L << 40, 1L << 40));
        Assert.Contains("'preactivations' has 0 elements; [B, T, W] with B = 1099511627776, T = 1099511627776 and W = 10 has 12089258196146291747061760.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CallsOnSequences()
    {
        var sequences = ScanSequences.Packed([0, 2, 2, 6], 6);
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D(Ramp(6 * 2 * H));
        using var output = Accelerator.Allocate1D<float>(6 * H);
        using var states = Accelerator.Allocate1D<float>(3 * H);
        using var gradient = Accelerator.Allocate1D<float>(6 * 2 * H);
        var stream = Accelerator.DefaultStream;
        gpu.Forward(stream, preactivations.View, default, output.View, states.View, sequences);
        gpu.Backward(stream, preactivations.View, default, output.View, output.View, states.View, gradient.View, default, sequences);
        Accelerator.Synchronize();
        var (rows, last) = (output.GetAsArray1D(), states.GetAsArray1D());
        Assert.Equal([.. rows[H..(2 * H)], .. new float[H], .. rows[(5 * H)..]], last);
        Assert.Contains(gradient.GetAsArray1D(), value => value != 0);

        var error = Assert.Throws<ArgumentException>("output", () => gpu.Forward(stream, preactivations.View, default, states.View, default, sequences));
        Assert.Contains("'output' has 15 elements; [rows, W] with N = 3, rows = 6 and W = 5 has 30.", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>("finalState", () => gpu.Forward(stream, preactivations.View, default, output.View, output.View, sequences));
        Assert.Contains("[N, W] with N = 3, rows = 6 and W = 5 has 15.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("sequences", () => gpu.Forward(stream, preactivations.View, default, output.View, default, null!));
    }

    [Fact]
    public void KernelsAreLoadedOnceForAnAccelerator()
    {
        var loaded = new Action<AcceleratorStream, KernelConfig, ArrayView<float>>[8];
        Parallel.For(0, loaded.Length, i => loaded[i] =
            KernelCache.Of(Accelerator).Get<Action<AcceleratorStream, KernelConfig, ArrayView<float>>>(Accelerator, ((Delegate)Kernel).Method));
        Assert.All(loaded, launcher => Assert.Same(loaded[0], launcher));

        static void Kernel(ArrayView<float> view) => view[Grid.LongGlobalIndex.X] = 1;
    }

    [Fact]
    public void RunsFromSeveralThreads()
    {
        using var gpu = new GpuAwkward.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D(Ramp(3 * 5 * 12));
        using var weight = Accelerator.Allocate1D(Ramp(6));
        using var output = Accelerator.Allocate1D<float>(3 * 5 * 6);
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, weight.View, weight.View, default, output.View, default, 3, 5);
        Accelerator.Synchronize();
        var gradients = new float[6][];
        Parallel.For(0, gradients.Length, i =>
        {
            using var stream = Accelerator.CreateStream();
            using var gradient = Accelerator.Allocate1D<float>(6);
            gpu.Backward(
                stream, preactivations.View, weight.View, weight.View, default, output.View, output.View, default, default,
                gradient.View, default, default, 3, 5);
            stream.Synchronize();
            gradients[i] = gradient.GetAsArray1D(stream);
        });
        Assert.Contains(gradients[0], value => value != 0);
        Assert.All(gradients, gradient => Assert.Equal(gradients[0], gradient));
    }

    /// <summary>Three phases need larger groups than the simulator has.</summary>
    [Fact]
    public void AFewLongSequencesRunOnADeviceOfSmallGroups()
    {
        const int time = 300;
        using var gpu = new GpuMinGru.Gpu(Accelerator);
        using var preactivations = Accelerator.Allocate1D(Ramp(time * 2 * H));
        using var output = Accelerator.Allocate1D<float>(time * H);
        using var state = Accelerator.Allocate1D<float>(H);
        gpu.Forward(Accelerator.DefaultStream, preactivations.View, default, output.View, state.View, 1, time);
        gpu.Backward(Accelerator.DefaultStream, preactivations.View, default, output.View, output.View, default, default, default, 1, time);
        Accelerator.Synchronize();
        Assert.Equal(output.GetAsArray1D()[^H..], state.GetAsArray1D());
        Assert.Contains(state.GetAsArray1D(), value => value != 0);
    }

    private static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => ((i % 13) - 6) / 3f)];
}
