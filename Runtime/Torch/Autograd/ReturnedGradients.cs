using System.Runtime.InteropServices;
using static MinRnn.Torch.Autograd.NativeAutograd;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// The gradients that a node handed to libtorch last on this thread. Libtorch copies the handles after the callback has
/// returned and disposes nothing, so that they are kept until the thread is in a callback again.
/// </summary>
internal sealed unsafe class ReturnedGradients
{
    private const int Capacity = 8;

    [ThreadStatic]
    private static ReturnedGradients? _ofThread;

    private readonly nint[] _handles = GC.AllocateArray<nint>(Capacity, pinned: true);

    ~ReturnedGradients() => ReleaseHandles();

    /// <summary>Gives the handles of the tensors out, and their ownership to this thread's keeper.</summary>
    public static TensorArray Keep(ReadOnlySpan<Tensor?> gradients)
    {
        Release();
        var keeper = _ofThread ??= new ReturnedGradients();
        for (var i = 0; i < gradients.Length; i++)
            keeper._handles[i] = gradients[i]?.DetachFromDisposeScope().DecoupleFromNativeHandle() ?? 0;
        return new TensorArray((nint*)Marshal.UnsafeAddrOfPinnedArrayElement(keeper._handles, 0), gradients.Length);
    }

    /// <summary>Disposes what this thread's last callback returned.</summary>
    public static void Release() => _ofThread?.ReleaseHandles();

    private void ReleaseHandles()
    {
        for (var i = 0; i < Capacity; i++)
        {
            var handle = _handles[i];
            _handles[i] = 0;
            if (handle != 0)
                DisposeTensor(handle);
        }
    }
}
