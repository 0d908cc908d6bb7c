using System.Runtime.InteropServices;
using MinRnn.Kernels;
using MinRnn.Torch.Loading;
using TorchSharp;

namespace MinRnn.Torch.Threading;

/// <summary>
/// libtorch's own OpenMP threads. After each of its operations they spin for a while, waiting for the next: kernels that run on
/// other threads would compete with them for the cores, and kernels that run on them start at once.
/// </summary>
/// <remarks>GNU's libgomp, which libtorch for Linux brings along; elsewhere kernels run on .NET's thread pool.</remarks>
internal sealed unsafe class OpenMpTeam : WorkerTeam
{
    private readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> _parallel;

    private OpenMpTeam(nint parallel) =>
        _parallel = (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)parallel;

    /// <inheritdoc/>
    public override int Threads => torch.get_num_threads();

    /// <summary>The team, if this process has loaded libgomp; null otherwise.</summary>
    public static OpenMpTeam? Find() => LoadedLibrary.Find("libgomp", null, "GOMP_parallel") is not 0 and var parallel ? new OpenMpTeam(parallel) : null;

    /// <inheritdoc/>
    public override void Run(int threads, Action work)
    {
        var handle = GCHandle.Alloc(work);
        try
        {
            _parallel(&Work, GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }
    }

    [UnmanagedCallersOnly]
    private static void Work(nint work) => ((Action)GCHandle.FromIntPtr(work).Target!)();
}
