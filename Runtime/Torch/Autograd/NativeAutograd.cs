using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MinRnn.Torch.Autograd;

/// <summary>TorchSharp's native functions for graph nodes, and for tensors' addresses, which it has no public way to.</summary>
internal static unsafe partial class NativeAutograd
{
    private const string Library = "LibTorchSharp";

    [ThreadStatic]
    private static nint[]? _wrapped;

    /// <summary>Native tensors: an array of handles.</summary>
    public readonly struct TensorArray(nint* handles, long count)
    {
        public readonly nint* Handles = handles;
        public readonly long Count = count;
    }

    /// <summary>A graph node: the owning pointer, given up once a graph owns the node, and one that only observes it.</summary>
    public record struct NodeHandle(nint Owner, nint Observer);

    /// <summary>The address of a tensor's first element.</summary>
    [LibraryImport(Library, EntryPoint = "THSTensor_data")]
    public static partial nint Data(nint tensor);

    [LibraryImport(Library, EntryPoint = "THSTensor_dispose")]
    public static partial void DisposeTensor(nint tensor);

    [LibraryImport(Library, EntryPoint = "THSAutograd_CSharpNode_ctor")]
    public static partial NodeHandle CreateNode(nint apply, nint deleted);

    [LibraryImport(Library, EntryPoint = "THSAutograd_CSharpNode_disposeSharedPtr")]
    public static partial void DisposeOwner(NodeHandle node);

    [LibraryImport(Library, EntryPoint = "THSAutograd_CSharpNode_disposeWeakPtr")]
    public static partial void DisposeObserver(NodeHandle node);

    [LibraryImport(Library, EntryPoint = "THSAutograd_CSharpNode_setNextEdges")]
    public static partial void SetNextEdges(NodeHandle node, TensorArray inputs, [MarshalAs(UnmanagedType.U1)] bool executable);

    [LibraryImport(Library, EntryPoint = "THSAutograd_SavedVariable_ctor")]
    public static partial nint Save(nint tensor, NodeHandle node, [MarshalAs(UnmanagedType.U1)] bool isInPlaceOnView);

    [LibraryImport(Library, EntryPoint = "THSAutograd_SavedVariable_unpack")]
    public static partial nint Unpack(nint saved, NodeHandle node);

    [LibraryImport(Library, EntryPoint = "THSAutograd_SavedVariable_dispose")]
    public static partial void DisposeSaved(nint saved);

    [LibraryImport(Library, EntryPoint = "THSTensor_einsum", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Einsum(string equation, nint operands, int count);

    /// <summary>Makes tensors the outputs of a node; the results replace <paramref name="outputs"/>.</summary>
    public static void WrapOutputs(NodeHandle node, TensorArray inputs, Span<Tensor> outputs)
    {
        var handles = stackalloc nint[outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
            handles[i] = outputs[i].Handle;
        _wrapped = null;
        WrapOutputs(inputs, default, default, new TensorArray(handles, outputs.Length), node, &AllocateWrapped);
        torch.CheckForErrors();
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i].Dispose();
            outputs[i] = Tensor.UnsafeCreateTensor(_wrapped![i]);
        }
    }

    [LibraryImport(Library, EntryPoint = "THSAutograd_Function_wrapOutputs")]
    private static partial void WrapOutputs(
        TensorArray inputs,
        TensorArray nonDifferentiable,
        TensorArray dirty,
        TensorArray outputs,
        NodeHandle node,
        delegate* unmanaged[Cdecl]<nuint, nint> allocate);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint AllocateWrapped(nuint count)
    {
        _wrapped = GC.AllocateArray<nint>((int)count, pinned: true);
        return Marshal.UnsafeAddrOfPinnedArrayElement(_wrapped, 0);
    }
}
