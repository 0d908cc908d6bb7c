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
    private readonly ScanSequences? _sequences;
    private readonly bool[] _wanted;

    /// <param name="kernels">The kernels that ran forward.</param>
    /// <param name="reverse">The order of time that they ran in.</param>
    /// <param name="sequences">The sequences that they ran on.</param>
    /// <param name="inputs">Pre-activations, parameters, input and initial state, null where absent.</param>
    public ScanNode(ScanKernels kernels, bool reverse, ScanSequences? sequences, ReadOnlySpan<Tensor?> inputs)
    {
        (_kernels, _reverse, _sequences) = (kernels, reverse, sequences);
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
        var batch = _sequences?.Count ?? output.size(0);
        Tensor?[] gradients =
        [
            torch.empty_like(preactivations),
            parameters is null ? null : torch.empty_like(parameters),
            input is null ? null : torch.empty_like(input),
            torch.empty([batch, shape.States, shape.Channels], output.dtype, output.device),
        ];

        _kernels.Backward(new ScanBackward
        {
            Batch = batch,
            Time = output.size(-2),
            Sequences = _sequences,
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
