using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using static MinRnn.Torch.Autograd.NativeAutograd;

namespace MinRnn.Torch.Autograd;

/// <summary>The pair of native function pointers through which libtorch reaches one node.</summary>
/// <remarks>
/// Pooled, and never freed: libtorch returns through the second pointer after it has announced the node's end, so that
/// nobody can tell when the code behind it may go.
/// </remarks>
internal sealed unsafe class NodeCallbacks
{
    private static readonly ConcurrentBag<NodeCallbacks> Pool = [];

    private readonly ApplyCallback _apply;
    private readonly DeletedCallback _deleted;
    private AutogradNode? _node;

    private NodeCallbacks()
    {
        _apply = (gradients, count) => _node!.Apply(gradients, count);
        _deleted = Delete;
        Apply = Marshal.GetFunctionPointerForDelegate(_apply);
        Deleted = Marshal.GetFunctionPointerForDelegate(_deleted);
        GCHandle.Alloc(this);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate TensorArray ApplyCallback(nint* gradients, int count);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void DeletedCallback();

    /// <summary>Takes gradients of the node's outputs, gives gradients of its inputs.</summary>
    public nint Apply { get; }

    /// <summary>Called once, when the graph has let go of the node.</summary>
    public nint Deleted { get; }

    /// <summary>Callbacks that lead to a node, and keep it alive, until libtorch deletes it.</summary>
    public static NodeCallbacks Rent(AutogradNode node)
    {
        if (!Pool.TryTake(out var callbacks))
            callbacks = new NodeCallbacks();
        callbacks._node = node;
        return callbacks;
    }

    private void Delete()
    {
        _node!.Release();
        _node = null;
        Pool.Add(this);
    }
}
