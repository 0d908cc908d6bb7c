using MinRnn.Torch.Autograd;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class MemoryTests
{
    [Fact]
    public void Training_steps_leak_no_memory()
    {
        var cell = new ReferenceCell<float>(ReferenceCell<float>.MakeShape(64, states: 2));
        using var x = randn(4, 16, 128).requires_grad_();
        using var parameters = randn(2, 64).requires_grad_();
        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                var (y, last) = ScanFunction.Apply(cell, false, x, parameters, null, null);
                (y.sum() + last.sum()).backward();
                x.grad!.zero_();
            }
        }

        Run(300);
        var tensors = Tensor.TotalCount;
        // A leak grows in every window; what the runtime takes for itself does not.
        Assert.InRange(Enumerable.Range(0, 4).Min(_ => Growth(() => Run(400))), long.MinValue, 512 << 10);
        Assert.InRange(Tensor.TotalCount - tensors, -1000, 20);
    }

    [Fact]
    public void An_abandoned_graph_is_collected()
    {
        var cell = new ReferenceCell<float>(ReferenceCell<float>.MakeShape(256, bias: false));
        using var x = randn(4, 256, 512).requires_grad_();
        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                ScanFunction.Apply(cell, false, x, null, null, null);
            }
        }

        Run(5);
        Assert.InRange(Enumerable.Range(0, 3).Min(_ => Growth(() => Run(15))), long.MinValue, 4 << 20);
    }

    /// <summary>The end of a state's graph ends the graph of the state before it.</summary>
    [Fact]
    public void A_long_chain_of_states_ends_on_a_small_stack()
    {
        var thread = new Thread(
            () =>
            {
                using var layer = Layers.Make();
                using var input = zeros(1, Layers.Input);
                using var scope = NewDisposeScope();
                Tensor? state = null;
                for (var step = 0; step < 5000; step++)
                    state = layer.step(input, state).Item2;
            },
            maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
    }

    internal static long Growth(Action run)
    {
        var before = ResidentBytes();
        run();
        return ResidentBytes() - before;
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
