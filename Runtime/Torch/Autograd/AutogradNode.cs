using TorchSharp;
using static MinRnn.Torch.Autograd.NativeAutograd;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// A node of libtorch's graph whose backward is C#. Against TorchSharp's own functions: an exception in backward reaches the
/// caller instead of ending the process, and outputs cost no copy.
/// </summary>
/// <remarks>
/// Construct one per operation, compute the outputs outside of the graph, then call <see cref="Attach"/>. Libtorch decides
/// when the node dies, on any thread. Backward may run more than once, where the graph is retained.
/// </remarks>
internal abstract unsafe class AutogradNode
{
    [ThreadStatic]
    private static Stack<nint>? _dying;

    private NodeHandle _handle;
    private nint[] _saved = [];
    private long[][] _inputSizes = [];
    private torch.Device? _device;
    private bool _isElsewhere;
    private ReturnedGradients? _returned;

    /// <summary>Whether an operation on these inputs belongs into a graph.</summary>
    public static bool IsWanted(params ReadOnlySpan<Tensor?> inputs)
    {
        if (!torch.is_grad_enabled())
            return false;
        foreach (var input in inputs)
        {
            if (input is not null && input.requires_grad)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Makes <paramref name="outputs"/> the results of this node, in place, and keeps tensors for backward: inputs and
    /// outputs by reference, watched for changes in place.
    /// </summary>
    /// <param name="inputs">The inputs; null ones are passed over, and have no gradient.</param>
    /// <param name="outputs">The outputs; replaced by tensors that belong to the graph.</param>
    /// <param name="saved">Indices into the inputs, then the outputs, then <paramref name="extra"/>: what backward needs.</param>
    /// <param name="extra">Further tensors to save.</param>
    public void Attach(ReadOnlySpan<Tensor?> inputs, Span<Tensor> outputs, ReadOnlySpan<int> saved, params ReadOnlySpan<Tensor?> extra)
    {
        var handles = stackalloc nint[inputs.Length + 1];
        var count = 0;
        foreach (var input in inputs)
        {
            if (input is not null)
                handles[count++] = input.Handle;
        }

        _inputSizes = Sizes(inputs, count);
        _device = outputs[0].device;
        _isElsewhere = RunsElsewhere(outputs[0]);
        if (_isElsewhere)
            handles[count++] = FailureRelay.Edge.Handle;
        var callbacks = NodeCallbacks.Rent(this);
        _handle = CreateNode(callbacks.Apply, callbacks.Deleted);
        torch.CheckForErrors();
        try
        {
            var array = new TensorArray(handles, count);
            SetNextEdges(_handle, array, executable: true);
            torch.CheckForErrors();
            WrapOutputs(_handle, array, outputs);
            Save(inputs, outputs, saved, extra);
        }
        finally
        {
            // From here on the outputs own the node.
            DisposeOwner(_handle);
            _handle.Owner = 0;
        }
    }

    /// <summary>The backward of this operation, with recording off unless a second derivative is asked for.</summary>
    /// <param name="outputGradients">One per output; null for zero.</param>
    /// <param name="saved">The saved tensors, null where null was saved.</param>
    /// <param name="inputGradients">Receives one per input that was not null; null for zero or not wanted.</param>
    protected abstract void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients);

    /// <summary>Whether backward runs on a thread of libtorch's own, as it does for outputs on other devices than the CPU.</summary>
    protected virtual bool RunsElsewhere(Tensor output) => output.device_type != DeviceType.CPU;

    /// <summary>Called by libtorch: runs backward, and lets no exception out.</summary>
    internal virtual TensorArray Apply(nint* gradients, int count)
    {
        var returned = _returned = ReturnedGradients.OfThread;
        returned.Release();
        using var scope = torch.NewDisposeScope();
        var outputGradients = new Tensor?[count];
        for (var i = 0; i < count; i++)
            outputGradients[i] = gradients[i] == 0 ? null : Tensor.UnsafeCreateTensor(gradients[i]);

        Tensor? sent = null;
        if (!BackwardFailure.IsPending)
        {
            try
            {
                return returned.Keep(this, Differentiate(outputGradients));
            }
            catch (Exception exception)
            {
                if (_isElsewhere)
                    sent = FailureRelay.GradientOf(exception);
                else
                    BackwardFailure.Record(exception);
            }
        }

        // Of the rest of a pass that failed, only its end matters.
        var zeros = returned.Keep(this, Zeros(sent));
        if (BackwardFailure.IsPending)
            BackwardFailure.LeaveNativeError();
        return zeros;
    }

    /// <summary>Called by libtorch when the node has died.</summary>
    internal void Release()
    {
        DisposeAll(_saved);
        _saved = [];
        DisposeObserver(_handle);
        _returned?.Release(this);
        _returned = null;
        if (BackwardFailure.IsPending)
            BackwardFailure.LeaveNativeError();
    }

    // The last tensor of another node may be among the saved ones, and its end is that node's: a chain of nodes must be no chain of calls,
    // which would overflow the stack.
    private static void DisposeAll(nint[] saved)
    {
        var isOutermost = _dying is null;
        var dying = _dying ??= new Stack<nint>();
        foreach (var handle in saved)
        {
            if (handle != 0)
                dying.Push(handle);
        }

        if (!isOutermost)
            return;
        while (dying.TryPop(out var handle))
            DisposeSaved(handle);
        _dying = null;
    }

    /// <summary>Edges to other nodes: one an input, and one to the relay of failures.</summary>
    private int Edges => _inputSizes.Length + (_isElsewhere ? 1 : 0);

    private Tensor?[] Zeros(Tensor? sent)
    {
        var zeros = new Tensor?[Edges];
        if (_isElsewhere)
            zeros[^1] = sent;
        try
        {
            for (var i = 0; i < _inputSizes.Length; i++)
                zeros[i] = torch.zeros(1, device: _device).expand(_inputSizes[i]);
        }
        catch (Exception)
        {
            // The device itself is what failed; null is zero as well, except where autograd.grad asks for it.
        }

        return zeros;
    }

    private static long[][] Sizes(ReadOnlySpan<Tensor?> tensors, int count)
    {
        var sizes = new long[count][];
        var next = 0;
        foreach (var tensor in tensors)
        {
            if (tensor is null)
                continue;
            var size = sizes[next++] = new long[tensor.dim()];
            for (var i = 0; i < size.Length; i++)
                size[i] = tensor.size(i);
        }

        return sizes;
    }

    private Tensor?[] Differentiate(Tensor?[] outputGradients)
    {
        var twice = torch.is_grad_enabled();
        var saved = Unpack();
        var inputGradients = new Tensor?[Edges];
        using (torch.no_grad())
            Backward(outputGradients, saved, inputGradients.AsSpan(0, _inputSizes.Length));
        if (twice)
            RefuseSecondDerivative([.. outputGradients, .. saved], inputGradients);
        return inputGradients;
    }

    private static void RefuseSecondDerivative(ReadOnlySpan<Tensor?> sources, Span<Tensor?> gradients)
    {
        if (!IsWanted(sources))
            return;
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is not { } gradient)
                continue;
            Tensor[] wrapped = [gradient];
            new SecondDerivativeNode().Attach(sources, wrapped, saved: []);
            gradients[i] = wrapped[0];
        }
    }

    private void Save(ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor> outputs, ReadOnlySpan<int> saved, ReadOnlySpan<Tensor?> extra)
    {
        _saved = new nint[saved.Length + extra.Length];
        for (var i = 0; i < _saved.Length; i++)
        {
            var tensor = i >= saved.Length ? extra[i - saved.Length]
                : saved[i] < inputs.Length ? inputs[saved[i]]
                : outputs[saved[i] - inputs.Length];
            if (tensor is null)
                continue;
            _saved[i] = NativeAutograd.Save(tensor.Handle, _handle, isInPlaceOnView: false);
            torch.CheckForErrors();
        }
    }

    // Throws when a saved tensor has been changed in place since it was saved.
    private Tensor?[] Unpack()
    {
        var tensors = new Tensor?[_saved.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (_saved[i] == 0)
                continue;
            var handle = NativeAutograd.Unpack(_saved[i], _handle);
            torch.CheckForErrors();
            tensors[i] = Tensor.UnsafeCreateTensor(handle);
        }

        return tensors;
    }
}
