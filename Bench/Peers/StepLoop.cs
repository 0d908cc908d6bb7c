using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>Recurrences as loops over time, an operation at a time.</summary>
internal static class StepLoop
{
    /// <summary>The minGRU, from pre-activations [B, T, 2H]; its gates are taken out of the loop.</summary>
    public static Tensor MinGru(Tensor preactivations)
    {
        using var scope = NewDisposeScope();
        var parts = preactivations.chunk(2, 2);
        var update = sigmoid(parts[0]);
        var keeps = (1 - update).unbind(1);
        var values = (update * parts[1]).unbind(1);
        var states = new Tensor[keeps.Length];
        for (var t = 0; t < states.Length; t++)
            states[t] = t == 0 ? values[0] : addcmul(values[t], keeps[t], states[t - 1], 1);
        return stack(states, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>The GRU as a loop of <c>nn.GRUCell</c>.</summary>
internal sealed class GruCellLoop : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "cell")]
    private readonly GRUCell _cell;

    private readonly int _hiddenSize;

    public GruCellLoop(int inputSize, int hiddenSize)
        : base(nameof(GruCellLoop))
    {
        (_cell, _hiddenSize) = (nn.GRUCell(inputSize, hiddenSize), hiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var steps = input.unbind(1);
        var state = zeros(input.size(0), _hiddenSize);
        for (var t = 0; t < steps.Length; t++)
            steps[t] = state = _cell.call(steps[t], state);
        return stack(steps, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>The LSTM as a loop of <c>nn.LSTMCell</c>.</summary>
internal sealed class LstmCellLoop : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "cell")]
    private readonly LSTMCell _cell;

    private readonly int _hiddenSize;

    public LstmCellLoop(int inputSize, int hiddenSize)
        : base(nameof(LstmCellLoop))
    {
        (_cell, _hiddenSize) = (nn.LSTMCell(inputSize, hiddenSize), hiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var steps = input.unbind(1);
        var zero = zeros(input.size(0), _hiddenSize);
        var state = (zero, zero);
        for (var t = 0; t < steps.Length; t++)
        {
            var (output, memory) = _cell.call(steps[t], state);
            (steps[t], state) = (output, (output, memory));
        }

        return stack(steps, 1).MoveToOuterDisposeScope();
    }
}
