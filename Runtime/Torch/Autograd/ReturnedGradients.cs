using System.Runtime.InteropServices;
using static MinRnn.Torch.Autograd.NativeAutograd;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// The gradients that a node handed to libtorch last on one thread. Libtorch copies the handles after the callback has
/// returned and disposes nothing, so that they are kept until the thread is in a callback again, or the node dies.
/// </summary>
internal sealed unsafe class ReturnedGradients
{
    [ThreadStatic]
    private static ReturnedGradients? _ofThread;

    private nint[] _handles = [];
    private readonly Lock _gate = new();
    private AutogradNode? _owner;

    ~ReturnedGradients() => ReleaseHandles();

    /// <summary>The calling thread's.</summary>
    public static ReturnedGradients OfThread => _ofThread ??= new ReturnedGradients();

    /// <summary>Gives the handles of a node's gradients out, and their ownership to this.</summary>
    public TensorArray Keep(AutogradNode owner, ReadOnlySpan<Tensor?> gradients)
    {
        lock (_gate)
        {
            ReleaseHandles();
            _owner = owner;
            if (_handles.Length < gradients.Length)
                _handles = GC.AllocateArray<nint>(gradients.Length, pinned: true);
            for (var i = 0; i < gradients.Length; i++)
                _handles[i] = gradients[i]?.DetachFromDisposeScope().DecoupleFromNativeHandle() ?? 0;
        }

        return new TensorArray((nint*)Marshal.UnsafeAddrOfPinnedArrayElement(_handles, 0), gradients.Length);
    }

    /// <summary>Disposes what is kept: of any node where <paramref name="owner"/> is null, else of that node alone.</summary>
    /// <remarks>A node dies on any thread, while others work on the thread that ran it.</remarks>
    public void Release(AutogradNode? owner = null)
    {
        lock (_gate)
        {
            if (owner is null || owner == _owner)
                ReleaseHandles();
        }
    }

    private void ReleaseHandles()
    {
        _owner = null;
        for (var i = 0; i < _handles.Length; i++)
        {
            var handle = _handles[i];
            _handles[i] = 0;
            if (handle != 0)
                DisposeTensor(handle);
        }
    }
}
