using MinRnn.Kernels;
using MinRnn.Torch.Cuda;
using TorchSharp;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// The recurrence over a sequence as one differentiable operation, run by compiled kernels. On a CUDA device they are enqueued on
/// torch's current stream, in whose order memory is reused: nothing waits, and tensors may be disposed of at once.
/// </summary>
internal static class ScanFunction
{
    /// <summary>Runs the kernels, and records the operation where a gradient is wanted.</summary>
    /// <param name="kernels">The kernels; every tensor lies in memory that they reach. Tensors of another type than theirs are converted.</param>
    /// <param name="reverse">Whether time runs from the last step to the first.</param>
    /// <param name="preactivations">[B, T, P·H + Q·N], or [rows, P·H + Q·N] with sequences.</param>
    /// <param name="parameters">Biases, then weights, in one row; null when there are none.</param>
    /// <param name="input">[B, T, H] or [rows, H], for cells that read the layer's input; null otherwise.</param>
    /// <param name="initialState">[B, S, H] or [N, S, H]; null for the cell's constants.</param>
    /// <param name="sequences">Where the sequences lie among the rows; null for those of a batch.</param>
    /// <returns>The output [B, T, H] or [rows of the output, H], and the final state [B, S, H] or [N, S, H].</returns>
    public static (Tensor Output, Tensor FinalState) Apply(
        ScanKernels kernels, bool reverse, Tensor preactivations, Tensor? parameters, Tensor? input, Tensor? initialState,
        ScanSequences? sequences = null)
    {
        var type = TypeOf(kernels.Element);
        if (preactivations.dtype == type)
            return Run(kernels, reverse, preactivations, parameters, input, initialState, sequences);

        // The conversions are part of the graph.
        using var scope = torch.NewDisposeScope();
        var (output, final) = Run(
            kernels, reverse, preactivations.to(type), parameters?.to(type), input?.to(type), initialState?.to(type), sequences);
        return scope.MoveToOuter(output.to(preactivations.dtype), final.to(preactivations.dtype));
    }

    private static (Tensor Output, Tensor FinalState) Run(
        ScanKernels kernels, bool reverse, Tensor preactivations, Tensor? parameters, Tensor? input, Tensor? initialState, ScanSequences? sequences)
    {
        BackwardFailure.ThrowPending();
        var shape = kernels.Shape;
        long[] rows = sequences is null ? [preactivations.size(0), preactivations.size(1)] : [sequences.Rows];
        long[] outputRows = sequences is null ? rows : [sequences.OutputRows];
        var batch = sequences?.Count ?? rows[0];
        var (type, device) = (preactivations.dtype, preactivations.device);

        // Copies of strided tensors, where there are any, are part of the graph.
        Tensor?[] given = [preactivations, parameters, input, initialState];
        var inputs = Array.ConvertAll(given, Contiguous);
        var recorded = AutogradNode.IsWanted(inputs);

        Tensor[] outputs =
        [
            torch.empty([.. outputRows, shape.Channels], type, device),
            torch.empty([batch, shape.States, shape.Channels], type, device),
        ];
        using var states = recorded && shape.KeepsStates
            ? torch.empty([shape.KeptSets(batch, rows[^1], sequences), shape.States, shape.Channels], type, device)
            : null;

        kernels.Forward(new ScanForward
        {
            Batch = batch,
            Time = rows[^1],
            Sequences = sequences,
            Reverse = reverse,
            Preactivations = Address(inputs[0]),
            Parameters = Address(inputs[1]),
            Input = Address(inputs[2]),
            InitialState = Address(inputs[3]),
            Output = Address(outputs[0]),
            States = Address(states),
            FinalState = Address(outputs[1]),
            Stream = CurrentStream.Of(outputs[0]),
        });

        if (recorded)
            new ScanNode(kernels, reverse, sequences, inputs).Attach(inputs, outputs, ScanNode.SavedIndices, states);
        GC.KeepAlive(inputs);
        GC.KeepAlive(outputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!ReferenceEquals(inputs[i], given[i]))
                inputs[i]!.Dispose();
        }

        return (outputs[0], outputs[1]);
    }

    private static torch.ScalarType TypeOf(ElementType element) => element switch
    {
        ElementType.Double => torch.ScalarType.Float64,
        ElementType.Half => torch.ScalarType.Float16,
        ElementType.BFloat16 => torch.ScalarType.BFloat16,
        _ => torch.ScalarType.Float32,
    };

    /// <summary>The address of a contiguous tensor's first element; zero for null.</summary>
    public static nint Address(Tensor? tensor) => tensor is null ? 0 : NativeAutograd.Data(tensor.Handle);

    /// <summary>The tensor itself when its elements lie in memory one after the other as they are, else a copy of which that is so.</summary>
    public static Tensor? Contiguous(Tensor? tensor)
    {
        if (tensor is null)
            return null;
        if (!tensor.is_contiguous())
            return tensor.contiguous();
        return tensor.is_neg() ? tensor.resolve_neg() : tensor;
    }
}
