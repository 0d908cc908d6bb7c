using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>
/// The selective state space model as a loop over time, an operation at a time, with the parameters of the layer in their order.
/// What does not depend on the state is computed for all steps ahead of the loop.
/// </summary>
internal sealed class SelectiveLoop : nn.Module<Tensor, Tensor>
{
    private const int Elements = SelectiveSsm.StateSize;

    private readonly Parameter _weight, _deltaDown, _deltaUp, _bias, _logA, _skip;
    private readonly int _width;

    public SelectiveLoop(int width, int rank)
        : base(nameof(SelectiveLoop))
    {
        _width = width;
        _weight = Make(2 * Elements, width);
        _deltaDown = Make(rank, width);
        _deltaUp = Make(width, rank);
        _bias = Make(width + (2 * Elements));
        _logA = Make(Elements, width);
        _skip = Make(width);
        foreach (var (name, parameter) in new[]
        {
            ("weight", _weight), ("delta_down", _deltaDown), ("delta_up", _deltaUp), ("bias", _bias), ("logA", _logA), ("skip", _skip),
        })
            register_parameter(name, parameter);

        static Parameter Make(params long[] size) => new(randn(size) * 0.1);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var delta = nn.functional.linear(nn.functional.linear(input, _deltaDown), _deltaUp) + _bias.narrow(0, 0, _width);
        var stepSize = nn.functional.softplus(delta, 1, 20);
        var shared = nn.functional.linear(input, _weight) + _bias.narrow(0, _width, 2 * Elements);
        var keeps = (stepSize.unsqueeze(2) * -_logA.exp()).exp().unbind(1);
        var entries = ((stepSize * input).unsqueeze(2) * shared.narrow(2, 0, Elements).unsqueeze(3)).unbind(1);
        var reads = shared.narrow(2, Elements, Elements).unsqueeze(2).unbind(1);
        var outputs = new Tensor[keeps.Length];
        var state = zeros(input.size(0), Elements, _width);
        for (var t = 0; t < outputs.Length; t++)
        {
            state = addcmul(entries[t], keeps[t], state, 1);
            outputs[t] = reads[t].matmul(state).squeeze(1);
        }

        return (stack(outputs, 1) + (input * _skip)).MoveToOuterDisposeScope();
    }
}
