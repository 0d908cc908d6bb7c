using System.Diagnostics;
using MinRnn.Kernels;
using MinRnn.Torch;

namespace MinRnn.Bench.Measuring;

/// <summary>A layer whose kernels note how long they take, between the matrix products of a real step.</summary>
internal sealed class TimedLayer : RecurrentModule
{
    private readonly TimedKernels _kernels;

    public TimedLayer(LayerDescription layer)
        : this(layer, new TimedKernels(layer.Kernels))
    {
    }

    private TimedLayer(LayerDescription layer, TimedKernels kernels)
        : base(layer with { Kernels = kernels }) => _kernels = kernels;

    /// <summary>Seconds in the forward kernels since the last call.</summary>
    public double TakeForward() => Take(ref _kernels.ForwardSeconds);

    /// <summary>Seconds in the backward kernels since the last call.</summary>
    public double TakeBackward() => Take(ref _kernels.BackwardSeconds);

    private static double Take(ref double seconds)
    {
        var taken = seconds;
        seconds = 0;
        return taken;
    }

    private sealed class TimedKernels(ScanKernels kernels) : ScanKernels(kernels.Shape, kernels.Element)
    {
        public double ForwardSeconds;
        public double BackwardSeconds;

        public override void Forward(in ScanForward scan)
        {
            var started = Stopwatch.GetTimestamp();
            kernels.Forward(scan);
            ForwardSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        public override void Backward(in ScanBackward scan)
        {
            var started = Stopwatch.GetTimestamp();
            kernels.Backward(scan);
            BackwardSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }
}
