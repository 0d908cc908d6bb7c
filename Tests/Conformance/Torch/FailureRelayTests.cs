using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MinRnn.Torch.Autograd;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Failures on threads that libtorch runs the backward of other devices' nodes on, played by a thread of the test.</summary>
[Collection(nameof(TorchCollection))]
public sealed class FailureRelayTests : IDisposable
{
    private readonly ForeignThread thread = new();

    [Fact]
    public void Gradients_of_another_thread_are_right()
    {
        using var scope = NewDisposeScope();
        var x = randn(3).requires_grad_();
        for (var round = 0; round < 3; round++)
            Node.Double(thread, Node.Double(thread, x)).sum().backward();
        Assert.True(allclose(x.grad!, full(3, 12f)));
        BackwardFailure.ThrowPending();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(150)]
    public void A_failure_on_another_thread_reaches_the_caller_of_backward(int nodes)
    {
        using var scope = NewDisposeScope();
        var x = randn(3).requires_grad_();
        for (var round = 0; round < 3; round++)
        {
            var failures = Enumerable.Range(0, nodes).Select(i => new InvalidOperationException($"broken {i}")).ToArray();
            var loss = failures.Select(failure => Node.Double(thread, x, failure)).Aggregate((sum, y) => sum + y).sum();
            var thrown = Assert.Throws<ExternalException>(() => loss.backward());
            Assert.Contains(thrown.InnerException, failures);
            Assert.Contains(thrown.InnerException!.Message, thrown.Message);
            BackwardFailure.ThrowPending();
        }

        Node.Double(thread, x).sum().backward();
    }

    [Fact]
    public void Where_grad_leaves_the_relay_out_the_next_forward_throws()
    {
        using var scope = NewDisposeScope();
        var x = randn(3).requires_grad_();
        var failure = new InvalidOperationException("broken");
        var gradient = autograd.grad([Node.Double(thread, x, failure).sum()], [x])[0];
        Assert.Equal(0, gradient.abs().sum().item<float>());
        Assert.False(BackwardFailure.IsPending);
        var thrown = Assert.Throws<InvalidOperationException>(BackwardFailure.ThrowPending);
        Assert.Same(failure, thrown.InnerException);
        BackwardFailure.ThrowPending();
    }

    [Fact]
    public void Passes_at_once_do_not_mix()
    {
        var outcomes = new ConcurrentBag<bool>();
        Parallel.For(0, 8, i =>
        {
            // What a callback returns is read on its thread before the next: each pass has a thread of its own.
            using var own = new ForeignThread();
            for (var round = 0; round < 20; round++)
            {
                using var scope = NewDisposeScope();
                var x = randn(3).requires_grad_();
                var failure = i % 2 == 0 ? new InvalidOperationException($"broken {i} {round}") : null;
                var loss = Node.Double(own, x, failure).sum();
                try
                {
                    loss.backward();
                    outcomes.Add(failure is null);
                }
                catch (ExternalException thrown)
                {
                    outcomes.Add(failure is not null && ReferenceEquals(thrown.InnerException, failure));
                }
            }
        });
        Assert.Equal(160, outcomes.Count);
        Assert.DoesNotContain(false, outcomes);
        BackwardFailure.ThrowPending();
    }

    [Fact]
    public void A_dead_node_keeps_no_gradients()
    {
        using var scope = NewDisposeScope();
        var x = randn(3).requires_grad_();
        void Run()
        {
            using var inner = NewDisposeScope();
            Node.Double(thread, x).sum().backward();
        }

        Run();
        var tensors = Tensor.TotalCount;
        for (var i = 0; i < 100; i++)
            Run();
        Assert.InRange(Tensor.TotalCount - tensors, -1000, 2);
    }

    public void Dispose() => thread.Dispose();

    /// <summary>A thread that callers wait for.</summary>
    private sealed class ForeignThread : IDisposable
    {
        private readonly BlockingCollection<Action> work = [];
        private readonly Thread thread;

        public ForeignThread()
        {
            thread = new Thread(() =>
            {
                foreach (var action in work.GetConsumingEnumerable())
                    action();
            });
            thread.Start();
        }

        public void Run(Action action)
        {
            using var done = new ManualResetEventSlim();
            work.Add(() =>
            {
                action();
                done.Set();
            });
            done.Wait();
        }

        public void Dispose()
        {
            work.CompleteAdding();
            thread.Join();
            work.Dispose();
        }
    }

    /// <summary>Multiplies by two; its backward runs on the test's thread, as that of a tensor on a device would.</summary>
    private sealed unsafe class Node(ForeignThread thread, Exception? failure) : AutogradNode
    {
        public static Tensor Double(ForeignThread thread, Tensor x, Exception? failure = null)
        {
            Tensor[] outputs;
            using (no_grad())
                outputs = [x * 2];
            new Node(thread, failure).Attach([x], outputs, saved: []);
            return outputs[0];
        }

        protected override bool RunsElsewhere(Tensor output) => true;

        internal override NativeAutograd.TensorArray Apply(nint* gradients, int count)
        {
            NativeAutograd.TensorArray result = default;
            thread.Run(() => result = base.Apply(gradients, count));
            return result;
        }

        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            if (failure is not null)
                throw failure;
            inputGradients[0] = outputGradients[0]! * 2;
        }
    }
}
