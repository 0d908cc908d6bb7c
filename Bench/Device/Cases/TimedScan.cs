using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The buffers of one layer at one size, in as many sets as keep the device's cache from helping, and copies of as many bytes.</summary>
internal sealed class TimedScan : IDisposable
{
    private const int BlockElements = 1 << 20;
    private const int MostSets = 16;

    private readonly BenchDevice device;
    private readonly DeviceMemory memory;
    private readonly ScanForward[] forward;
    private readonly ScanBackward[] backward;
    private readonly nint source, target;
    private int turn;

    public TimedScan(BenchDevice device, ScanShape shape, ElementType element, long batch, long time, long uncached)
    {
        this.device = device;
        memory = new DeviceMemory(device);
        var (channels, size) = ((long)shape.Channels, (long)Elements.Size(element));
        var state = batch * shape.States * channels * size;
        var steps = batch * time * channels * size;
        var (projected, input) = (batch * time * shape.PreactivationWidth * size, shape.HasInput ? steps : 0);
        var kept = shape.KeepsStates ? shape.KeptSets(batch, time) * shape.States * channels * size : 0;
        ForwardBytes = projected + input + steps + kept;
        BackwardBytes = (2 * (projected + input)) + steps + (shape.KeepsStates ? kept : steps);
        Sets = (int)long.Clamp((uncached + ForwardBytes - 1) / ForwardBytes, 1, MostSets);
        try
        {
            var block = Elements.Encode(Elements.Normal(new Random(7), long.Min(BlockElements, batch * time * shape.PreactivationWidth), 1, element), element);
            var parameters = shape.ParameterSize == 0 ? 0 : memory.Repeat(block, shape.ParameterSize * size);
            (forward, backward) = (new ScanForward[Sets], new ScanBackward[Sets]);
            for (var set = 0; set < Sets; set++)
            {
                var scan = forward[set] = new ScanForward
                {
                    Batch = batch,
                    Time = time,
                    Preactivations = memory.Repeat(block, projected),
                    Parameters = parameters,
                    Input = input == 0 ? 0 : memory.Repeat(block, input),
                    Output = memory.Take(steps),
                    States = kept == 0 ? 0 : memory.Take(kept),
                    FinalState = memory.Take(state),
                };
                backward[set] = new ScanBackward
                {
                    Batch = batch,
                    Time = time,
                    Preactivations = scan.Preactivations,
                    Parameters = parameters,
                    Input = scan.Input,
                    Output = scan.Output,
                    States = scan.States,
                    OutputGradient = memory.Repeat(block, steps),
                    PreactivationGradient = memory.Take(projected),
                    ParameterGradient = memory.Take(shape.ParameterSize * size),
                    InputGradient = input == 0 ? 0 : memory.Take(input),
                    InitialStateGradient = memory.Take(state),
                };
            }

            (source, target) = (memory.Repeat(block, Sets * BackwardBytes / 2), memory.Take(Sets * BackwardBytes / 2));
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Sets of buffers, taken in turn.</summary>
    public int Sets { get; }

    /// <summary>Bytes that a forward scan must read and write: pre-activations, the layer's input, the output, and the states that are kept.</summary>
    public long ForwardBytes { get; }

    /// <summary>Bytes that a backward scan must read and write: the forward's, and the gradients of both.</summary>
    public long BackwardBytes { get; }

    /// <summary>Enqueues one forward scan.</summary>
    public void Forward(ScanKernels kernels) => kernels.Forward(forward[Next()]);

    /// <summary>Enqueues one backward scan.</summary>
    public void Backward(ScanKernels kernels) => kernels.Backward(backward[Next()]);

    /// <summary>Enqueues a copy that reads and writes as many bytes as a scan.</summary>
    public void Copy(long bytes)
    {
        var offset = (nint)(Next() * (bytes / 2));
        device.Check(device.Copies.WithinDevice(target + offset, source + offset, (nuint)(bytes / 2)), "cuMemcpyDtoDAsync");
    }

    public void Dispose() => memory.Dispose();

    private int Next() => turn = (turn + 1) % Sets;
}
