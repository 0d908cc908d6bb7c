using System.Numerics;
using MinRnn.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>
/// A gated recurrence as kernels of plain loops and as eager tensor operations, for tests of what surrounds kernels:
/// <c>h' = (1 - σ(g)) h + σ(g) c w + x</c>, and where there are two states <c>m' = m / 2 + h'</c>; the output is h'.
/// </summary>
internal sealed class ReferenceCell<T>(ScanShape shape) : ScanKernels(shape, Of())
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Thrown from the next backward scans when set.</summary>
    public Exception? BackwardFailure { get; set; }

    public static ScanShape MakeShape(int channels, bool bias = true, bool weight = false, bool input = false, int states = 1, double initial = 0) =>
        new(channels, 2, weight ? 1 : 0, states, bias, input, states > 1, [.. Enumerable.Repeat(initial, states)]);

    public override unsafe void Forward(in ScanForward scan)
    {
        if (scan.Sequences is not null)
            throw new NotSupportedException("Sequences are tested with compiled kernels.");
        var (h, s) = (Shape.Channels, Shape.States);
        T* preactivations = (T*)scan.Preactivations, parameters = (T*)scan.Parameters, input = (T*)scan.Input,
            initial = (T*)scan.InitialState, output = (T*)scan.Output, states = (T*)scan.States, final = (T*)scan.FinalState;
        var state = stackalloc T[s];
        for (long b = 0; b < scan.Batch; b++)
        {
            for (var c = 0; c < h; c++)
            {
                for (var i = 0; i < s; i++)
                    state[i] = initial != null ? initial[(((b * s) + i) * h) + c] : T.CreateChecked(Shape.InitialStates[i]);
                for (long step = 0; step < scan.Time; step++)
                {
                    var row = (b * scan.Time) + (scan.Reverse ? scan.Time - 1 - step : step);
                    var (gate, candidate, weight) = Read(preactivations, parameters, row, c);
                    state[0] = ((T.One - gate) * state[0]) + (gate * candidate * weight) + (Shape.HasInput ? input[(row * h) + c] : T.Zero);
                    if (s > 1)
                        state[1] = (state[1] / T.CreateChecked(2)) + state[0];
                    output[(row * h) + c] = state[0];
                    for (var i = 0; states != null && i < s; i++)
                        states[(((row * s) + i) * h) + c] = state[i];
                }

                for (var i = 0; i < s; i++)
                    final[(((b * s) + i) * h) + c] = state[i];
            }
        }
    }

    public override unsafe void Backward(in ScanBackward scan)
    {
        if (BackwardFailure is not null)
            throw BackwardFailure;
        var (h, s, rows) = (Shape.Channels, Shape.States, Shape.ParameterRows);
        T* preactivations = (T*)scan.Preactivations, parameters = (T*)scan.Parameters, initial = (T*)scan.InitialState,
            output = (T*)scan.Output, outputGradient = (T*)scan.OutputGradient, finalGradient = (T*)scan.FinalStateGradient,
            gradient = (T*)scan.PreactivationGradient, parameterGradient = (T*)scan.ParameterGradient,
            inputGradient = (T*)scan.InputGradient, initialGradient = (T*)scan.InitialStateGradient;
        for (var i = 0; i < rows * h; i++)
            parameterGradient[i] = T.Zero;
        for (long b = 0; b < scan.Batch; b++)
        {
            for (var c = 0; c < h; c++)
            {
                var dh = finalGradient != null ? finalGradient[(b * s * h) + c] : T.Zero;
                var dm = finalGradient != null && s > 1 ? finalGradient[(((b * s) + 1) * h) + c] : T.Zero;
                for (var step = scan.Time - 1; step >= 0; step--)
                {
                    var row = (b * scan.Time) + (scan.Reverse ? scan.Time - 1 - step : step);
                    var before = scan.Reverse ? row + 1 : row - 1;
                    var previous = step > 0 ? output[(before * h) + c]
                        : initial != null ? initial[(b * s * h) + c] : T.CreateChecked(Shape.InitialStates[0]);
                    var (gate, candidate, weight) = Read(preactivations, parameters, row, c);
                    if (outputGradient != null)
                        dh += outputGradient[(row * h) + c];
                    dh += dm;
                    dm /= T.CreateChecked(2);
                    var dGate = dh * ((candidate * weight) - previous) * gate * (T.One - gate);
                    var dCandidate = dh * gate * weight;
                    gradient[(row * 2 * h) + c] = dGate;
                    gradient[(((row * 2) + 1) * h) + c] = dCandidate;
                    if (Shape.HasBias)
                    {
                        parameterGradient[c] += dGate;
                        parameterGradient[h + c] += dCandidate;
                    }

                    if (Shape.Weights > 0)
                        parameterGradient[((rows - 1) * h) + c] += dh * gate * candidate;
                    if (Shape.HasInput)
                        inputGradient[(row * h) + c] = dh;
                    dh *= T.One - gate;
                }

                initialGradient[(b * s * h) + c] = dh;
                if (s > 1)
                    initialGradient[(((b * s) + 1) * h) + c] = dm;
            }
        }
    }

    /// <summary>The same recurrence, forward in time, as operations that torch differentiates itself.</summary>
    public static (Tensor Output, Tensor FinalState) Eager(
        ScanShape shape, bool reverse, Tensor preactivations, Tensor? parameters, Tensor? input, Tensor? initialState)
    {
        var h = shape.Channels;
        var (batch, time) = (preactivations.size(0), preactivations.size(1));
        var gates = preactivations.narrow(2, 0, h);
        var candidates = preactivations.narrow(2, h, h);
        if (shape.HasBias)
            (gates, candidates) = (gates + parameters![0], candidates + parameters[1]);
        var weight = shape.Weights > 0 ? parameters![shape.ParameterRows - 1] : ones(1, dtype: preactivations.dtype);
        var states = initialState
            ?? stack(shape.InitialStates.Select(v => full([batch, h], v, dtype: preactivations.dtype)).ToArray(), 1);
        var (state, memory) = (states.select(1, 0), shape.States > 1 ? states.select(1, 1) : null);
        var outputs = new Tensor[time];
        for (long step = 0; step < time; step++)
        {
            var t = reverse ? time - 1 - step : step;
            var gate = sigmoid(gates.select(1, t));
            state = ((1 - gate) * state) + (gate * candidates.select(1, t) * weight);
            if (shape.HasInput)
                state = state + input!.select(1, t);
            if (memory is not null)
                memory = (memory / 2) + state;
            outputs[t] = state;
        }

        var output = time > 0 ? stack(outputs, 1) : zeros(batch, 0, h, dtype: preactivations.dtype);
        return (output, memory is null ? state.unsqueeze(1) : stack([state, memory], 1));
    }

    private static ElementType Of() => typeof(T) == typeof(double) ? ElementType.Double : ElementType.Single;

    private unsafe (T Gate, T Candidate, T Weight) Read(T* preactivations, T* parameters, long row, int c)
    {
        var h = Shape.Channels;
        var gate = preactivations[(row * 2 * h) + c] + (Shape.HasBias ? parameters[c] : T.Zero);
        var candidate = preactivations[(((row * 2) + 1) * h) + c] + (Shape.HasBias ? parameters[h + c] : T.Zero);
        var weight = Shape.Weights > 0 ? parameters[((Shape.ParameterRows - 1) * h) + c] : T.One;
        return (T.One / (T.One + T.Exp(-gate)), candidate, weight);
    }
}
