using MinRnn.Tests.PtxMachine.Decoding;
using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>A grid while it runs: what its groups share, and those that are on the device.</summary>
internal sealed unsafe class Launch(
    CompiledProgram program, LaunchSize grid, LaunchSize block, DeviceMemory memory, byte* parameters, LaunchOptions options) : IDisposable
{
    private readonly Stack<Block> idle = [];
    private readonly int[] order = Order(grid, options);
    private int started;

    public CompiledProgram Program { get; } = program;

    public LaunchSize GridSize { get; } = grid;

    public LaunchSize BlockSize { get; } = block;

    public DeviceMemory Memory { get; } = memory;

    public byte* Parameters { get; } = parameters;

    public int ParameterBytes => Program.ParameterBytes;

    public LaunchOptions Options { get; } = options;

    public LaunchStatistics Statistics { get; } = new();

    public RandomSource Random { get; } = new(options.Seed);

    public WeakMemory? Weak { get; } = options.WeakMemory ? new WeakMemory(new RandomSource(~options.Seed)) : null;

    public List<Block> Resident { get; } = [];

    /// <summary>Instructions so far.</summary>
    public long Clock { get; private set; }

    private bool CanStart => started < order.Length && Resident.Count < Options.MaxResidentBlocks;

    public LaunchStatistics Run()
    {
        if (Options.Adversarial)
            new AdversarialSchedule(this).Run();
        else
            new RegularSchedule(this).Run();
        Weak?.FlushAll();
        Statistics.Instructions = Clock;
        return Statistics;
    }

    /// <summary>Puts the next group on the device, if there is one and a place for it.</summary>
    public Block? TryStart()
    {
        if (!CanStart)
            return null;
        var next = idle.Count > 0 ? idle.Pop() : new Block(this);
        next.Start(order[started++]);
        Resident.Add(next);
        return next;
    }

    /// <summary>Takes a group off the device whose threads have all ended.</summary>
    public void End(Block ended)
    {
        if (ended.Buffer is { } buffer)
            WeakMemory.Close(buffer);
        Resident.Remove(ended);
        idle.Push(ended);
    }

    /// <summary>Runs a thread for so many instructions, or until it waits or ends.</summary>
    public Flow Run(Lane lane, int slice)
    {
        var code = Program.Code;
        var left = slice;
        var flow = Flow.Next;
        while (left > 0)
        {
            left--;
            flow = code[lane.Position].Execute(lane);
            if (flow == Flow.Next)
                lane.Position++;
            else if (flow != Flow.Jump)
                break;
        }

        if (flow == Flow.Exit)
            lane.Block.Exit(lane);
        Clock += slice - left;
        if (Clock > Options.MaxInstructions)
            throw new PtxHangException($"{Program.Name} has not ended after {Clock} instructions.{Waits()}");
        Weak?.Drain();
        return flow;
    }

    public PtxHangException Deadlock() => new($"{Program.Name} is deadlocked: no thread can continue.{Waits()}");

    public void Dispose()
    {
        foreach (var held in idle.Concat(Resident))
            held.Dispose();
    }

    private static int[] Order(LaunchSize grid, LaunchOptions options)
    {
        var order = Enumerable.Range(0, checked((int)grid.Total)).ToArray();
        if (options.BlockOrder == BlockOrder.Reversed)
            Array.Reverse(order);
        if (options.BlockOrder != BlockOrder.Shuffled)
            return order;
        var random = new RandomSource(options.Seed ^ 0x5EED);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>Where threads are, the commonest places first.</summary>
    private string Waits()
    {
        var places = Resident.SelectMany(resident => resident.Lanes)
            .Where(lane => lane.State != LaneState.Exited)
            .GroupBy(lane => (lane.Position, lane.State))
            .OrderByDescending(group => group.Count())
            .Take(4)
            .Select(group => $"\n{group.Count()} threads {Words(group.Key.State)}, the first: {group.First().Describe()}");
        return $" {order.Length - started} of {order.Length} groups have not started, {Resident.Count} are on the device."
            + string.Concat(places);
    }

    private static string Words(LaneState state) => state switch
    {
        LaneState.AtBarrier => "wait at a barrier",
        LaneState.AtWarp => "wait for others of their warp",
        _ => "run",
    };
}
