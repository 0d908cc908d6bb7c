using MinRnn.Tests.PtxMachine;
using MinRnn.Tests.PtxMachine.Memory;

namespace MinRnn.Tests.Runtime;

/// <summary>Groups that talk to each other: what they may see of each other's stores, and schedules that find who waits in vain.</summary>
public sealed class PtxScheduleTests : IDisposable
{
    private const int Seeds = 200;
    private readonly Machine machine = new();

    public static TheoryData<string, string> Ordered => new()
    {
        { "membar.gl; st.volatile.global.u32 [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },
        { "fence.acq_rel.gpu; st.relaxed.gpu.global.u32 [%flag], 1;", "ld.relaxed.gpu.global.u32 %seen, [%flag]; fence.acq_rel.gpu;" },
        { "st.release.gpu.global.u32 [%flag], 1;", "ld.volatile.global.u32 %seen, [%flag]; membar.gl;" },
        { "st.release.gpu.global.u32 [%flag], 1;", "atom.acquire.gpu.global.add.u32 %seen, [%flag], 0;" },
        { "atom.release.gpu.global.exch.b32 %seen, [%flag], 1;", "ld.acquire.sys.global.u32 %seen, [%flag];" },
        { "red.release.gpu.global.add.u32 [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },
        { "membar.sys; atom.exch.b32 %seen, [%flag], 1;", "atom.or.b32 %seen, [%flag], 0; membar.sys;" },
    };

    public static TheoryData<string, string> Unordered => new()
    {
        // Published without a fence, or with one of the group's own scope.
        { "st.volatile.global.u32 [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },
        { "membar.cta; st.relaxed.gpu.global.u32 [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },
        { "atom.exch.b32 %seen, [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },
        { "st.global.u32 [%flag], 1; membar.gl;", "ld.acquire.gpu.global.u32 %seen, [%flag];" },

        // Read without an acquire.
        { "st.release.gpu.global.u32 [%flag], 1;", "ld.volatile.global.u32 %seen, [%flag];" },
        { "st.release.gpu.global.u32 [%flag], 1;", "ld.relaxed.gpu.global.u32 %seen, [%flag]; membar.cta;" },
        { "st.release.gpu.global.u32 [%flag], 1;", "ld.acquire.cta.global.u32 %seen, [%flag];" },
        { "st.release.gpu.global.u32 [%flag], 1;", "atom.add.u32 %seen, [%flag], 0;" },
    };

    public void Dispose() => machine.Dispose();

    [Theory]
    [MemberData(nameof(Ordered))]
    public void OrderedMessagesArriveWhole(string publish, string observe)
    {
        for (var seed = 0; seed < Seeds; seed++)
            Assert.Equal([11, 22, 33], Pass(publish, observe, seed, isWeak: true));
    }

    [Theory]
    [MemberData(nameof(Unordered))]
    public void UnorderedMessagesAreSeenTorn(string publish, string observe)
    {
        var torn = Enumerable.Range(0, Seeds).Count(seed => !Pass(publish, observe, seed, isWeak: true).SequenceEqual([11, 22, 33]));
        Assert.True(torn > Seeds / 50, $"{torn} of {Seeds} runs.");
    }

    /// <summary>The order of the text is kept where memory is strong, so such a run proves nothing.</summary>
    [Fact]
    public void StrongMemoryHidesAMissingFence()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(
                [11, 22, 33],
                Pass("st.volatile.global.u32 [%flag], 1;", "ld.volatile.global.u32 %seen, [%flag];", seed, isWeak: false));
        }
    }

    [Fact]
    public void GroupsSeeTheirOwnStores()
    {
        const string Body = """
            mul.wide.u32 %flag, %tid.x, 4;
            add.u64 %data, %data, %flag;
            mov.u32 %seen, 0;
            L_again:
            ld.global.u32 %value, [%data];
            add.u32 %value, %value, 1;
            st.global.u32 [%data], %value;
            add.u32 %seen, %seen, 1;
            setp.lt.u32 %q, %seen, 50;
            @%q bra L_again;
            """;
        for (var seed = 0; seed < 20; seed++)
        {
            var data = machine.Memory.Allocate(64 * 4, "data");
            Run(Body, 1, 64, data, data, new LaunchOptions { Seed = seed, Adversarial = true, WeakMemory = true, MaxSlice = 30 });
            Assert.All(DeviceMemory.View<int>(data, 64).ToArray(), value => Assert.Equal(50, value));
        }
    }

    /// <summary>Each group waits for the one before it, by the order of its index: right only if groups start in that order.</summary>
    [Theory]
    [InlineData(BlockOrder.InOrder, 2, true)]
    [InlineData(BlockOrder.Reversed, 8, true)]
    [InlineData(BlockOrder.Reversed, 2, false)]
    public void AWaitForAGroupThatNeverStartsIsFound(BlockOrder order, int resident, bool ends)
    {
        const string Body = """
            mul.wide.u32 %data, %ctaid.x, 4;
            add.u64 %flag, %flag, %data;
            setp.eq.u32 %q, %ctaid.x, 0;
            @%q bra L_go;
            L_wait:
            ld.acquire.gpu.global.u32 %seen, [%flag-4];
            setp.eq.u32 %q, %seen, 0;
            @%q bra L_wait;
            L_go:
            st.release.gpu.global.u32 [%flag], 1;
            """;
        foreach (var adversarial in new[] { false, true })
        {
            var flags = machine.Memory.Allocate(8 * 4, "flags");
            var options = new LaunchOptions
            {
                Adversarial = adversarial,
                BlockOrder = order,
                MaxResidentBlocks = resident,
                MaxSlice = 50,
                MaxInstructions = 200_000,
            };
            if (ends)
            {
                Run(Body, 8, 1, flags, flags, options);
                continue;
            }

            var hang = Assert.Throws<PtxHangException>(() => Run(Body, 8, 1, flags, flags, options));
            Assert.Contains("6 of 8 groups have not started", hang.Message, StringComparison.Ordinal);
            Assert.Contains("threads run, the first: Kernel kernel, group (", hang.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SeedsDecideRuns()
    {
        long[] Clocks() => [.. Enumerable.Range(0, 8).Select(seed =>
        {
            Pass("membar.gl; st.volatile.global.u32 [%flag], 1;", "ld.acquire.gpu.global.u32 %seen, [%flag];", seed, isWeak: true);
            return machine.Statistics.Instructions;
        })];
        var first = Clocks();
        Assert.Equal(first, Clocks());
        Assert.True(first.Distinct().Count() > 1);
    }

    /// <summary>One group writes three numbers and a flag, the other waits for the flag and reads the numbers.</summary>
    private int[] Pass(string publish, string observe, int seed, bool isWeak)
    {
        var body = $$"""
            setp.ne.u32 %q, %ctaid.x, 0;
            @%q bra L_wait;
            st.global.u32 [%data], 11;
            st.global.v2.u32 [%data+8], {22, 33};
            {{publish}}
            ret;
            L_wait:
            {{observe}}
            setp.eq.u32 %q, %seen, 0;
            @%q bra L_wait;
            ld.global.u32 %value, [%data];
            st.global.u32 [%data+64], %value;
            ld.global.u32 %value, [%data+8];
            st.global.u32 [%data+68], %value;
            ld.global.u32 %value, [%data+12];
            st.global.u32 [%data+72], %value;
            """;
        var data = machine.Memory.Allocate(76, "data");
        var flag = machine.Memory.Allocate(4, "flag");
        Run(body, 2, 1, data, flag, new LaunchOptions { Seed = seed, Adversarial = true, WeakMemory = isWeak, MaxSlice = 16 });
        var seen = DeviceMemory.View<int>(data + 64, 3).ToArray();
        machine.Memory.Unregister(data);
        machine.Memory.Unregister(flag);
        return seen;
    }

    private void Run(string body, int groups, int threads, nint data, nint flag, LaunchOptions options)
    {
        var text = $$"""
            .version 8.0
            .target sm_90
            .address_size 64
            .visible .entry kernel(.param .b64 data, .param .b64 flag)
            {
            .reg .pred %q;
            .reg .b32 %seen, %value;
            .reg .b64 %data, %flag;
            ld.param.b64 %data, [data];
            ld.param.b64 %flag, [flag];
            {{body}}
            ret;
            }
            """;
        machine.Launch(PtxModule.Parse(text).Entry("kernel"), groups, threads, [Argument.Of((long)data), Argument.Of((long)flag)], options);
    }
}
