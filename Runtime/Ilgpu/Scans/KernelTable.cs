using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Ilgpu.Scans;

/// <summary>The generated kernels of one layer for one storage of its elements: static methods of one parameter each.</summary>
/// <typeparam name="TForward">The parameter of the kernels that run forward.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernels that run backward.</typeparam>
/// <param name="Forward">Streams: a thread takes a channel of a piece of time, or some elements of its vector states.</param>
/// <param name="Backward">The adjoint of <paramref name="Forward"/>.</param>
/// <param name="Wide">The same with four channels a thread, for aligned memory; null where rows do not divide into quads.</param>
/// <param name="TimeParallel">The kernels that split time; null where the step does not allow it.</param>
/// <param name="Slices">Threads that share the elements of a channel's vector states; 0 where states are numbers.</param>
[SuppressMessage("Design", "CA1005", Justification = "The two parameters of kernels.")]
public sealed record KernelTable<TForward, TBackward>(
    Action<TForward> Forward,
    Action<TBackward> Backward,
    WideKernels<TForward, TBackward>? Wide,
    TimeParallelKernels<TForward, TBackward>? TimeParallel,
    int Slices = 0)
    where TForward : struct
    where TBackward : struct;

/// <summary>The generated kernels whose threads take four neighbouring channels.</summary>
/// <typeparam name="TForward">The parameter of the kernel that runs forward.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernel that runs backward.</typeparam>
/// <param name="ForwardWide">Streams.</param>
/// <param name="BackwardWide">The adjoint of <paramref name="ForwardWide"/>.</param>
[SuppressMessage("Design", "CA1005", Justification = "The two parameters of kernels.")]
public sealed record WideKernels<TForward, TBackward>(Action<TForward> ForwardWide, Action<TBackward> BackwardWide)
    where TForward : struct
    where TBackward : struct;

/// <summary>The generated kernels that split time.</summary>
/// <typeparam name="TForward">The parameter of the kernels that run forward.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernels that run backward.</typeparam>
/// <param name="SummarizeForward">Each piece's transition; threads are those of the kernel that streams.</param>
/// <param name="SummarizeBackward">Each piece's adjoint transition.</param>
/// <param name="CarryForward">The states before each piece, from the transitions.</param>
/// <param name="CarryBackward">The states' gradients after each piece.</param>
/// <param name="TransitionSize">Numbers of a transition.</param>
/// <param name="Tiled">The kernels whose groups share tiles; null where states are vectors.</param>
[SuppressMessage("Design", "CA1005", Justification = "The two parameters of kernels.")]
public sealed record TimeParallelKernels<TForward, TBackward>(
    Action<TForward> SummarizeForward,
    Action<TBackward> SummarizeBackward,
    Action<TForward> CarryForward,
    Action<TBackward> CarryBackward,
    int TransitionSize,
    TiledKernels<TForward, TBackward>? Tiled)
    where TForward : struct
    where TBackward : struct;

/// <summary>The generated kernels whose groups share tiles.</summary>
/// <typeparam name="TForward">The parameter of the kernels that run forward.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernels that run backward.</typeparam>
/// <param name="ForwardTiled">A group walks the tiles of a strip of channels.</param>
/// <param name="BackwardTiled">The adjoint of <paramref name="ForwardTiled"/>.</param>
/// <param name="ForwardChained">A group takes tile after tile, and looks back for the state before each; null where its transitions are too large to share.</param>
/// <param name="BackwardChained">The adjoint of <paramref name="ForwardChained"/>, null with it.</param>
/// <param name="ForwardSteps">Steps of a tile's thread, forward.</param>
/// <param name="BackwardSteps">Steps of a tile's thread, backward.</param>
[SuppressMessage("Design", "CA1005", Justification = "The two parameters of kernels.")]
public sealed record TiledKernels<TForward, TBackward>(
    Action<TForward> ForwardTiled,
    Action<TBackward> BackwardTiled,
    Action<TForward>? ForwardChained,
    Action<TBackward>? BackwardChained,
    int ForwardSteps,
    int BackwardSteps)
    where TForward : struct
    where TBackward : struct;
