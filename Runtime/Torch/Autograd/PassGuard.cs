using static TorchSharp.torch;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// One more input for an operation whose graph may have no node of libtorch's own. It makes a second pass through a graph that was not
/// retained, as by a state that was handed on without <c>detach</c>, the error that it is elsewhere: libtorch lets go of what its own nodes
/// saved when a pass is over, and TorchSharp's nodes hear nothing of that.
/// </summary>
internal static class PassGuard
{
    /// <summary>A new one, for one operation on a device. Its gradient is null.</summary>
    public static Tensor Make(Device device)
    {
        using var leaf = ones(1, device: device, requires_grad: true);
        return leaf * leaf;
    }
}
