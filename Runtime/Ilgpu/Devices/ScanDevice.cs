using System.Reflection;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Scans;

namespace MinRnn.Ilgpu.Devices;

/// <summary>What the planning of launches needs to know of a device.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Processors">Multiprocessors.</param>
/// <param name="Lanes">Threads that all of them hold at once.</param>
/// <param name="MaxGroupSize">Threads of a group, at most.</param>
/// <param name="HasChaining">
/// Whether groups of one launch may wait for each other: atomics and fences across groups, which CUDA has from compute capability 7.0 on,
/// and a group that runs goes on running.
/// </param>
/// <param name="StreamingThreads">
/// Threads of a multiprocessor below which a streaming scan waits for memory more than it reads: on a GPU measured, on a processor the
/// lanes of its vectors.
/// </param>
internal sealed record DeviceTraits(string Name, int Processors, int Lanes, int MaxGroupSize, bool HasChaining, int StreamingThreads = DeviceTraits.OfGpu)
{
    /// <summary>With so many on each of an H200's multiprocessors streaming reaches 0.9 of a copy's rate, with half of them 0.7.</summary>
    public const int OfGpu = 480;
}

/// <summary>One ordered queue of a device: kernels are enqueued on it, and share its workspace one after the other.</summary>
/// <typeparam name="TWork">A view of the workspace, in the precision of the arithmetic.</typeparam>
internal abstract class ScanQueue<TWork>
    where TWork : struct
{
    /// <summary>Threads of a group of <see cref="LaunchThreads"/>, at most.</summary>
    public const int SmallGroup = 64;

    /// <summary>A grid's first dimension has 31 bits.</summary>
    private const long MostGroups = int.MaxValue;

    private readonly Dictionary<WorkspaceUse, (TableKey Key, HeldTable<TWork> Table)> tables = [];

    public abstract DeviceTraits Traits { get; }

    /// <summary>Held while the launches of one scan are enqueued, for they share the workspace.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Enqueues a kernel, compiled at the device's first request for it.</summary>
    /// <param name="kernel">A static method with one parameter, a structure whose views are ILGPU's.</param>
    /// <param name="groups">Groups of threads.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="arguments">The parameter; on a device without ILGPU's own views, the same structure of <see cref="RawView"/>s.</param>
    /// <exception cref="NotSupportedException">The device runs no groups of this size, or not as many.</exception>
    public void Launch<TArguments>(MethodInfo kernel, long groups, int groupSize, TArguments arguments)
        where TArguments : struct
    {
        if (groups == 0)
            return;
        try
        {
            if (groupSize > Traits.MaxGroupSize)
            {
                throw new NotSupportedException(
                    $"{Traits.Name} runs groups of at most {Traits.MaxGroupSize} threads; this scan needs groups of {groupSize}.");
            }

            if (groups > MostGroups)
            {
                throw new NotSupportedException(
                    $"{PtxCompiler.NameOf(kernel)} needs {groups} groups of threads, and {Traits.Name} runs {MostGroups} at most: take a smaller batch.");
            }

            Enqueue(kernel, groups, groupSize, ref arguments);
        }
        catch
        {
            // Tickets of this launch may never be taken.
            IsChainBroken = true;
            throw;
        }
    }

    /// <summary>Enqueues a kernel whose threads need nothing of each other, in small groups: they spread over the device's processors.</summary>
    /// <param name="kernel">As for <see cref="Launch"/>.</param>
    /// <param name="threads">Threads, at least; the kernel leaves out those beyond.</param>
    /// <param name="arguments">As for <see cref="Launch"/>.</param>
    public void LaunchThreads<TArguments>(MethodInfo kernel, long threads, TArguments arguments)
        where TArguments : struct
    {
        var size = int.Min(SmallGroup, Traits.MaxGroupSize);
        Launch(kernel, (threads + size - 1) / size, size, arguments);
    }

    /// <summary>
    /// Memory that belongs to this queue, the same at every call until a larger one is wanted. Its contents are whatever the
    /// queue's last use left, and zeros at first.
    /// </summary>
    /// <param name="use">What it is for: each use has a memory of its own.</param>
    /// <param name="elements">Numbers in the precision of the arithmetic.</param>
    public abstract TWork Workspace(WorkspaceUse use, long elements);

    /// <summary>Enqueues a copy of numbers, which may change at once, to a workspace.</summary>
    protected abstract TWork Upload(WorkspaceUse use, ReadOnlySpan<long> numbers);

    /// <summary>
    /// The table of the segments of sequences, in the queue's memory. It is copied there once for as many scans in a row as ask for it: those
    /// of a model's layers.
    /// </summary>
    public HeldTable<TWork> Table(TableKey key)
    {
        // The table of segments without a step stands beside that of the others.
        var use = key.AreEmpty == true ? WorkspaceUse.EmptySequences : WorkspaceUse.Sequences;
        if (tables.TryGetValue(use, out var known) && known.Key == key)
            return known.Table;
        tables.Remove(use);
        using var table = new SequenceTable(key);
        var held = new HeldTable<TWork>(Upload(use, table.Numbers), table.Rows, table.Pieces);
        tables[use] = (key, held);
        return held;
    }

    /// <summary>The address of a workspace's first element.</summary>
    public abstract long AddressOf(TWork workspace);

    /// <summary>A part of a workspace.</summary>
    public abstract TWork Part(TWork workspace, long first, long elements);

    /// <summary>Enqueues zeros.</summary>
    public abstract void Clear(TWork workspace);

    /// <summary>How far the chained scans of this queue have counted: each launch continues where the last one ended.</summary>
    public ChainCounters Chain { get; } = new();

    /// <summary>Whether a launch failed or the epochs have ended, so that the words need zeros before the next chained scan.</summary>
    protected bool IsChainBroken
    {
        get => field || Chain.HasEnded;
        private set;
    }

    /// <summary>Forgets what lies in memory that is freed.</summary>
    protected void ForgetTables() => tables.Clear();

    /// <summary>Begins the counts of chained scans anew, when the words have become zeros.</summary>
    protected void RestartChain()
    {
        Chain.Restart();
        IsChainBroken = false;
    }

    /// <summary>Enqueues a kernel of at least one group, of a size that the device runs.</summary>
    protected abstract void Enqueue<TArguments>(MethodInfo kernel, long groups, int groupSize, ref TArguments arguments)
        where TArguments : struct;
}

/// <summary>What a queue keeps memory for.</summary>
internal enum WorkspaceUse
{
    /// <summary>Transitions and states of pieces of time, of the scan in three phases.</summary>
    Chunks,

    /// <summary>
    /// The ticket and the words of chained scans, which only chained scans may write. New memory restarts <see cref="ChainCounters"/>.
    /// </summary>
    Chain,

    /// <summary>Partial sums of the parameters' gradients.</summary>
    Partials,

    /// <summary>The sums of these partial sums.</summary>
    PartialSums,

    /// <summary>States before each step of the parts of spans that a backward scan of vector states is at.</summary>
    SpanStates,

    /// <summary>What strips of channels give for the pre-activations that all share.</summary>
    SharedGradients,

    /// <summary>The same summed over time.</summary>
    SharedSums,

    /// <summary>The table of the segments of sequences.</summary>
    Sequences,

    /// <summary>That of segments without a step, where the others have one of their own.</summary>
    EmptySequences,

    /// <summary>Parameters packed from views of their own.</summary>
    Parameters,

    /// <summary>Their gradients, packed likewise.</summary>
    ParameterGradients,
}

/// <summary>The numbers by which the words and the tickets of one launch differ from those of the launches before.</summary>
internal sealed class ChainCounters
{
    /// <summary>The number that the words of the last launch carry; 0 is never one.</summary>
    public int Epoch { get; private set; }

    /// <summary>The ticket counter's value before the next launch, of 31 bits.</summary>
    public int Ticket { get; private set; }

    /// <summary>Begins a launch that takes some tickets.</summary>
    public (int Epoch, int FirstTicket) Begin(long tickets)
    {
        var first = Ticket;
        Ticket = (int)((Ticket + tickets) & int.MaxValue);
        Epoch++;
        return (Epoch, first);
    }

    /// <summary>Whether there is no further number: words of earlier launches carry them all.</summary>
    public bool HasEnded => Epoch == int.MaxValue;

    /// <summary>Begins anew, on words that are all zero.</summary>
    public void Restart() => (Epoch, Ticket) = (0, 0);
}
