using MinRnn.Kernels;
using MinRnn.Torch.Cuda;
using TorchSharp;
using static MinRnn.Torch.Autograd.ScanFunction;

namespace MinRnn.Torch.Autograd;

/// <summary>The backward of <see cref="ScanFunction"/>.</summary>
internal sealed class ScanNode : AutogradNode
{
    /// <summary>
    /// What backward reads, as indices into inputs and outputs: the four inputs and the output. The states follow.
    /// </summary>
    public static readonly int[] SavedIndices = [0, 1, 2, 3, 4];

    private readonly ScanKernels _kernels;
    private readonly bool _reverse;
    private readonly bool[] _wanted;

    /// <param name="kernels">The kernels that ran forward.</param>
    /// <param name="reverse">The order of time that they ran in.</param>
    /// <param name="inputs">Pre-activations, parameters, input and initial state, null where absent.</param>
    public ScanNode(ScanKernels kernels, bool reverse, ReadOnlySpan<Tensor?> inputs)
    {
        (_kernels, _reverse) = (kernels, reverse);
        _wanted = new bool[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
            _wanted[i] = inputs[i] is { requires_grad: true };
    }

    protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
    {
        if (outputGradients is [null, null])
            return;
        var (preactivations, parameters, input, initialState) = (saved[0]!, saved[1], saved[2], saved[3]);
        var output = saved[4]!;
        var states = saved[5];

        var outputGradient = Contiguous(outputGradients[0]);
        var finalStateGradient = Contiguous(outputGradients[1]);
        var shape = _kernels.Shape;
        long[] stateSize = [output.size(0), shape.States, shape.Channels];
        Tensor?[] gradients =
        [
            torch.empty_like(preactivations),
            parameters is null ? null : torch.empty_like(parameters),
            input is null ? null : torch.empty_like(input),
            torch.empty(stateSize, output.dtype, output.device),
        ];

        _kernels.Backward(new ScanBackward
        {
            Batch = output.size(0),
            Time = output.size(1),
            Reverse = _reverse,
            Preactivations = Address(preactivations),
            Parameters = Address(parameters),
            Input = Address(input),
            InitialState = Address(initialState),
            Output = Address(output),
            States = Address(states),
            OutputGradient = Address(outputGradient),
            FinalStateGradient = Address(finalStateGradient),
            PreactivationGradient = Address(gradients[0]),
            ParameterGradient = Address(gradients[1]),
            InputGradient = Address(gradients[2]),
            InitialStateGradient = Address(gradients[3]),
            Stream = CurrentStream.Of(output),
        });
        // The dispose scope that this runs in holds every tensor of the call alive.

        var edge = 0;
        ReadOnlySpan<Tensor?> inputs = saved[..4];
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not null)
                inputGradients[edge++] = _wanted[i] ? gradients[i] : null;
        }
    }
}
