using TorchSharp;
using static MinRnn.Torch.Autograd.NativeAutograd;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// The node that failures on libtorch's own threads are sent to: it belongs to the CPU, and so it runs on the thread that
/// called for the pass, once all nodes before it are done.
/// </summary>
internal sealed unsafe class FailureRelay : AutogradNode
{
    private static readonly Lock Making = new();
    private static Tensor? _edge;

    /// <summary>A further input of nodes that run elsewhere; its gradient is <see cref="GradientOf"/> a failure, or null.</summary>
    public static Tensor Edge
    {
        get
        {
            if (_edge is { } made)
                return made;
            lock (Making)
                return _edge ??= Make();
        }
    }

    /// <summary>A failure as a gradient: libtorch adds up those of a pass, and each number of a failure has a place of its own.</summary>
    public static Tensor GradientOf(Exception failure)
    {
        var numbers = new float[BackwardFailure.MostSent];
        numbers[BackwardFailure.Send(failure)] = 1;
        return torch.tensor(numbers, device: torch.CPU);
    }

    /// <inheritdoc/>
    internal override TensorArray Apply(nint* gradients, int count)
    {
        if (gradients[0] == 0)
            return default;
        var numbers = new ReadOnlySpan<float>((float*)Data(gradients[0]), BackwardFailure.MostSent).ToArray();
        DisposeTensor(gradients[0]);
        BackwardFailure.Receive(numbers);
        return default;
    }

    protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
    {
    }

    private static Tensor Make()
    {
        Tensor[] outputs = [torch.zeros(BackwardFailure.MostSent, torch.ScalarType.Float32, torch.CPU)];
        new FailureRelay().Attach([], outputs, saved: []);
        return outputs[0].DetachFromDisposeScope();
    }
}
