using static MinRnn.CellMath;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>Two states, an output of its own with a projection of its own, the layer's input, two weights, one of them in the output alone.</summary>
[RecurrentCell]
public static partial class Oscillator
{
    public static (float, float) Step(
        [State] float real, [State(Initial = 1f)] float imaginary, float angle, float decay, [Input] float x, [Weight(Initial = 0.5f)] float drive)
    {
        var keep = Sigmoid(decay) * Sigmoid(4 * drive);
        var (sine, cosine) = (Sin(angle), Cos(angle));
        return (keep * (cosine * real - sine * imaginary) + drive * x, keep * (sine * real + cosine * imaginary));
    }

    public static float Output([State] float real, [State] float imaginary, float mix, [Weight(Initial = 0.5f)] float skip, [Input] float x) =>
        Tanh(mix) * real + imaginary + skip * x;
}

/// <summary>A cell whose step takes an exponential of a weight.</summary>
[RecurrentCell]
public static partial class LeakyCandidate
{
    public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
    {
        var keep = Sigmoid(gate) * Exp(-Softplus(decay));
        return keep * h + (1 - keep) * Tanh(candidate);
    }
}

/// <summary>The same with the weight itself in its place.</summary>
[RecurrentCell]
public static partial class PlainCandidate
{
    public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
    {
        var keep = Sigmoid(gate) * Clamp(decay, 0, 1);
        return keep * h + (1 - keep) * Tanh(candidate);
    }
}

/// <summary>Branches, bounds and roots, and names that kernels use themselves.</summary>
[RecurrentCell]
public static partial class Awkward
{
    public static float Step([State] float output, float input, float batch, [Weight(Initial = -1f)] float stream, [Weight] float unused)
    {
        var value = batch;
        if (input > 0 && batch < 1.5f)
            value = Log(1 + input);
        else if (input < -1)
            return Clamp(output + stream * SqrtBounded(Abs(batch)), -2f, 2f);
        return 0.5f * output + Max(value, -1.5f) * Sigmoid(stream);
    }
}

/// <summary>Two vectors of states, no output of its own, two shared projections, weights of both kinds, one of them without effect.</summary>
[RecurrentCell(StateSize = 6)]
public static partial class VectorPair
{
    public static (float, float) Step(
        [State] float slow, [State(Initial = 1f)] float fast, float gate, [Projection(Shared = true)] float drive, [Projection(Shared = true)] float mix,
        [Weight(PerState = true, Initial = 0.3f)] float rate, [Weight(Initial = 0.5f)] float scale, [Weight(PerState = true)] float unused)
    {
        var keep = Sigmoid(gate) * Exp(-Softplus(rate));
        var next = keep * slow + (1 - keep) * Tanh(drive) * scale;
        return (next + 0.1f * Tanh(fast), 0.5f * fast + Sigmoid(mix) * next + 0f * unused);
    }
}

/// <summary>A second state that takes from the first alone: a transition of an odd count of numbers.</summary>
[RecurrentCell]
public static partial class Triangular
{
    public static (float, float) Step([State] float slow, [State(Initial = 0.5f)] float fast, float gate) =>
        (Sigmoid(gate) * slow + (1 - Sigmoid(gate)) * fast, 0.5f * fast + gate);
}

/// <summary>The same with vectors, and with a first state that is the second's past.</summary>
[RecurrentCell(StateSize = 3)]
public static partial class VectorDelay
{
    public static (float, float) Step(
        [State(Initial = 0.7f)] float past, [State] float now, float gate, [Weight(PerState = true, Initial = 0.5f)] float weigh) => (now, weigh * gate);

    public static float Output([State] float past, [State] float now) => past * now + past;
}

/// <summary>Four vectors of states, as many as are scanned as matrices.</summary>
[RecurrentCell(StateSize = 3, AllowUnboundedScan = true)]
public static partial class VectorFour
{
    public static (float, float, float, float) Step([State] float a, [State] float b, [State] float c, [State] float d, float gate)
    {
        var keep = Sigmoid(gate);
        return (keep * a + 0.1f * b, keep * b + gate, 0.5f * c, keep * d + 1);
    }
}

/// <summary>So many elements that several threads share them, with sums over elements and over channels.</summary>
[RecurrentCell(StateSize = 48)]
public static partial class VectorBank
{
    public static float Step(
        [State(Initial = 0.5f)] float h, [Projection(Rank = 2)] float delta, [Projection(Shared = true)] float b, [Input] float x,
        [Weight(PerState = true, Initial = 0.1f)] float logA) => Exp(-Softplus(delta) * Exp(logA)) * h + Softplus(delta) * x * b;

    public static float Output(
        [State] float h, [Projection(Shared = true)] float c, [Input] float x, float gate, [Weight(Initial = 1f)] float skip,
        [Weight(PerState = true, Initial = 1f)] float weigh) => Sigmoid(gate) * weigh * c * h / 48 + skip * x / 48;
}

/// <summary>Two vectors of states that are affine together, and an output that is not: its adjoint takes the states themselves.</summary>
[RecurrentCell(StateSize = 6)]
public static partial class VectorEnergy
{
    public static (float, float) Step(
        [State] float real, [State(Initial = 1f)] float imaginary, float decay, [Projection(Shared = true)] float angle, [Input] float x,
        [Weight(PerState = true, Initial = 0.3f)] float rate)
    {
        var keep = Sigmoid(decay) * Exp(-Softplus(rate));
        var (sine, cosine) = (Sin(angle), Cos(angle));
        return (keep * (cosine * real - sine * imaginary) + x, keep * (sine * real + cosine * imaginary));
    }

    public static float Output([State] float real, [State] float imaginary, [Projection(Shared = true)] float mix) =>
        Tanh(mix) * real * imaginary + Tanh(real);
}

[RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 5)]
public partial class GpuMinGru;

/// <summary>Enough channels that the sums of their biases' gradients keep half of a large device busy.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 2, HiddenSize = 1100)]
public partial class GpuManyChannels;

[RecurrentLayer(typeof(MinLstm), InputSize = 4, HiddenSize = 3)]
public partial class GpuMinLstm;

[RecurrentLayer(typeof(LogMinGru), InputSize = 4, HiddenSize = 17)]
public partial class GpuLogMinGru;

[RecurrentLayer(typeof(LogMinLstm), InputSize = 4, HiddenSize = 1)]
public partial class GpuLogMinLstm;

[RecurrentLayer(typeof(SignedMinGru), InputSize = 4, HiddenSize = 5, Direction = Direction.Bidirectional)]
public partial class GpuSignedMinGru;

[RecurrentLayer(typeof(Sru), InputSize = 6, HiddenSize = 6, Direction = Direction.Bidirectional)]
public partial class GpuSru;

[RecurrentLayer(typeof(QrnnFo), InputSize = 4, HiddenSize = 7, Direction = Direction.Bidirectional)]
public partial class GpuQrnnFo;

[RecurrentLayer(typeof(Hgrn), InputSize = 4, HiddenSize = 8, Direction = Direction.Bidirectional)]
public partial class GpuHgrn;

[RecurrentLayer(typeof(RgLru), InputSize = 4, HiddenSize = 4, Direction = Direction.Bidirectional)]
public partial class GpuRgLru;

[RecurrentLayer(typeof(IndRnn), InputSize = 4, HiddenSize = 4, Direction = Direction.Bidirectional)]
public partial class GpuIndRnn;

[RecurrentLayer(typeof(Rotation), InputSize = 4, HiddenSize = 3, Direction = Direction.Bidirectional)]
public partial class GpuRotation;

[RecurrentLayer(typeof(Aaren), InputSize = 4, HiddenSize = 5, Direction = Direction.Bidirectional)]
public partial class GpuAaren;

[RecurrentLayer(typeof(Aaren), InputSize = 4, HiddenSize = 5)]
public partial class GpuAarenSteps;

[RecurrentLayer(typeof(RgLru), InputSize = 4, HiddenSize = 4)]
public partial class GpuRgLruSteps;

[RecurrentLayer(typeof(Oscillator), InputSize = 5, HiddenSize = 5)]
public partial class GpuOscillator;

[RecurrentLayer(typeof(Awkward), InputSize = 4, HiddenSize = 6)]
public partial class GpuAwkward;

[RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 5, Direction = Direction.Reverse)]
public partial class GpuReverse;

[RecurrentLayer(typeof(Oscillator), InputSize = 3, HiddenSize = 3, Direction = Direction.Bidirectional)]
public partial class GpuBidirectional;

[RecurrentLayer(typeof(Oscillator), InputSize = 3, HiddenSize = 3, Precision = Precision.Double)]
public partial class GpuDouble;

/// <summary>Channels in quads, and more than a strip of them.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 36)]
public partial class GpuWide;

[RecurrentLayer(typeof(LeakyCandidate), InputSize = 8, HiddenSize = 8)]
public partial class GpuLeaky;

[RecurrentLayer(typeof(PlainCandidate), InputSize = 8, HiddenSize = 8)]
public partial class GpuPlain;

[RecurrentLayer(typeof(Oscillator), InputSize = 8, HiddenSize = 8)]
public partial class GpuWideOscillator;

[RecurrentLayer(typeof(S4D), InputSize = 5, HiddenSize = 5, Direction = Direction.Bidirectional)]
public partial class GpuS4D;

[RecurrentLayer(typeof(SelectiveSsm), InputSize = 5, HiddenSize = 5)]
public partial class GpuSelectiveSsm;

/// <summary>More than a strip of channels.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 36, HiddenSize = 36, Bias = false, Direction = Direction.Reverse)]
public partial class GpuWideSelectiveSsm;

[RecurrentLayer(typeof(VectorPair), InputSize = 4, HiddenSize = 3, Direction = Direction.Bidirectional)]
public partial class GpuVectorPair;

[RecurrentLayer(typeof(VectorPair), InputSize = 4, HiddenSize = 3, Precision = Precision.Double)]
public partial class GpuVectorDouble;

[RecurrentLayer(typeof(VectorEnergy), InputSize = 5, HiddenSize = 5, Direction = Direction.Bidirectional)]
public partial class GpuVectorEnergy;

[RecurrentLayer(typeof(Triangular), InputSize = 3, HiddenSize = 3)]
public partial class GpuTriangular;

[RecurrentLayer(typeof(VectorDelay), InputSize = 3, HiddenSize = 3, Direction = Direction.Bidirectional)]
public partial class GpuVectorDelay;

[RecurrentLayer(typeof(VectorFour), InputSize = 3, HiddenSize = 3)]
public partial class GpuVectorFour;

[RecurrentLayer(typeof(VectorBank), InputSize = 34, HiddenSize = 34)]
public partial class GpuVectorBank;
