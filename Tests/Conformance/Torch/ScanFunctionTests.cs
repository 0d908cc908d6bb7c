using System.Runtime.InteropServices;
using MinRnn.Torch.Autograd;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class ScanFunctionTests
{
    private static Tensor Leaf(params long[] size) => randn(size, dtype: ScalarType.Float64).requires_grad_();

    [Theory]
    [InlineData(true, false, false, 1, false)]
    [InlineData(false, false, false, 1, true)]
    [InlineData(true, true, true, 1, false)]
    [InlineData(true, true, true, 2, true)]
    [InlineData(false, true, false, 2, false)]
    public void Gradients_equal_those_of_eager_operations(bool bias, bool weight, bool input, int states, bool reverse)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var shape = ReferenceCell<double>.MakeShape(5, bias, weight, input, states, initial: 0.25);
        var cell = new ReferenceCell<double>(shape);
        foreach (var (outputUsed, finalUsed, stateGiven) in from a in (bool[])[true, false]
                                                            from b in (bool[])[true, false]
                                                            from c in (bool[])[true, false]
                                                            where a || b
                                                            select (a, b, c))
        {
            Tensor?[] inputs =
            [
                Leaf(3, 4, 10), shape.ParameterRows > 0 ? Leaf(shape.ParameterRows, 5) : null, input ? Leaf(3, 4, 5) : null,
                stateGiven ? Leaf(3, states, 5) : null,
            ];
            var (outputSeed, finalSeed) = (randn(3, 4, 5, dtype: ScalarType.Float64), randn(3, states, 5, dtype: ScalarType.Float64));
            Tensor[] Run(bool eager)
            {
                var (y, last) = eager
                    ? ReferenceCell<double>.Eager(shape, reverse, inputs[0]!, inputs[1], inputs[2], inputs[3])
                    : ScanFunction.Apply(cell, reverse, inputs[0]!, inputs[1], inputs[2], inputs[3]);
                var loss = zeros(1, dtype: ScalarType.Float64);
                if (outputUsed)
                    loss = loss + (y * outputSeed).sum();
                if (finalUsed)
                    loss = loss + (last * finalSeed).sum();
                return [y, last, .. autograd.grad([loss], [.. inputs.OfType<Tensor>()])];
            }

            foreach (var (expected, actual) in Run(true).Zip(Run(false)))
            {
                Assert.Equal(expected.shape, actual.shape);
                Assert.True(allclose(expected, actual, 1e-12, 1e-12));
            }
        }
    }

    /// <summary>Kernels of more precision than the tensors: results and gradients are those of converted tensors, rounded back.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Tensors_of_another_type_than_the_kernels_are_converted(ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(5, weight: true));
        var (x, parameters) = (randn([3, 4, 10], type).requires_grad_(), randn([3, 5], type).requires_grad_());
        var seed = randn([3, 4, 5], type);
        var (y, last) = ScanFunction.Apply(cell, false, x, parameters, null, null);
        Assert.Equal((type, type), (y.dtype, last.dtype));
        var actual = autograd.grad([(y * seed).sum() + last.sum()], [x, parameters]);

        var (wideX, wideParameters) = (x.detach().to(ScalarType.Float64).requires_grad_(), parameters.detach().to(ScalarType.Float64).requires_grad_());
        var (wideY, wideLast) = ReferenceCell<double>.Eager(cell.Shape, false, wideX, wideParameters, null, null);
        var expected = autograd.grad([(wideY * seed.to(ScalarType.Float64)).sum() + wideLast.sum()], [wideX, wideParameters]);
        foreach (var (wide, narrow) in new[] { (wideY, y), (wideLast, last), (expected[0], actual[0]), (expected[1], actual[1]) })
        {
            Assert.Equal(type, narrow.dtype);
            Assert.True(allclose(wide.to(type).to(ScalarType.Float64), narrow.to(ScalarType.Float64), 0, 1e-9));
        }
    }

    [Fact]
    public void A_strided_input_and_a_broadcast_gradient_are_handled()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        var x = Leaf(6, 4, 2);
        var expected = autograd.grad([ReferenceCell<double>.Eager(cell.Shape, false, x.permute(2, 1, 0), null, null, null).Output.sum()], [x]);
        var actual = autograd.grad([ScanFunction.Apply(cell, false, x.permute(2, 1, 0), null, null, null).Output.sum()], [x]);
        Assert.True(allclose(expected[0], actual[0], 1e-12, 1e-12));
    }

    /// <summary>Libtorch may have elements negated that are not in memory; only a single element of these is contiguous.</summary>
    [Fact]
    public void An_input_that_is_negated_lazily_is_read_with_its_sign()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(1, bias: false));
        var x = Leaf(1, 1, 2);
        var state = complex(ones(1, 1, 1, dtype: ScalarType.Float64), ones(1, 1, 1, dtype: ScalarType.Float64)).conj().imag;
        Assert.True(state.is_neg() && state.is_contiguous());
        var expected = ScanFunction.Apply(cell, false, x, null, null, -ones(1, 1, 1, dtype: ScalarType.Float64)).Output;
        Assert.True(allclose(expected, ScanFunction.Apply(cell, false, x, null, null, state).Output, 0, 0));
    }

    [Fact]
    public void Only_inputs_that_require_a_gradient_get_one()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3));
        var (x, parameters, state) = (randn(2, 4, 6, dtype: ScalarType.Float64), Leaf(2, 3), randn(2, 1, 3, dtype: ScalarType.Float64));
        ScanFunction.Apply(cell, false, x, parameters, null, state).Output.sum().backward();
        Assert.NotNull(parameters.grad);
        Assert.Null(x.grad);
        Assert.Null(state.grad);
    }

    [Fact]
    public void Nothing_is_recorded_where_no_gradient_is_wanted()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        Assert.False(ScanFunction.Apply(cell, false, randn(2, 4, 6, dtype: ScalarType.Float64), null, null, null).Output.requires_grad);
        using var quiet = no_grad();
        Assert.False(ScanFunction.Apply(cell, false, Leaf(2, 4, 6), null, null, null).Output.requires_grad);
    }

    [Fact]
    public void A_retained_graph_can_be_walked_twice()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        var x = Leaf(2, 4, 6);
        var loss = ScanFunction.Apply(cell, false, x, null, null, null).Output.sum();
        loss.backward(retain_graph: true);
        var first = x.grad!.clone();
        loss.backward();
        Assert.True(allclose(first * 2, x.grad!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_change_in_place_between_forward_and_backward_is_an_error(int changed)
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3));
        var (x, parameters) = (Leaf(2, 4, 6) * 1, Leaf(2, 3) * 1);
        var (y, _) = ScanFunction.Apply(cell, false, x, parameters, null, null);
        var loss = (y * 2).sum();
        using (no_grad())
            ((Tensor[])[x, parameters, y])[changed].add_(1);
        var failure = Assert.Throws<ExternalException>(() => loss.backward());
        Assert.Contains("modified by an inplace operation", failure.InnerException!.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exception_in_backward_reaches_the_caller_and_harms_nothing_after_it(bool byGrad)
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        var x = Leaf(2, 4, 6);
        void Backward()
        {
            var first = ScanFunction.Apply(cell, false, x, null, null, null).Output;
            var loss = ScanFunction.Apply(cell, false, cat([first, first], 2), null, null, null).Output.sum();
            if (byGrad)
                autograd.grad([loss], [x]);
            else
                loss.backward();
        }

        for (var round = 0; round < 3; round++)
        {
            cell.BackwardFailure = new InvalidOperationException($"broken {round}");
            var failure = Assert.Throws<ExternalException>(Backward);
            Assert.Same(cell.BackwardFailure, failure.InnerException);
            Assert.Contains($"broken {round}", failure.Message);
        }

        cell.BackwardFailure = null;
        Backward();
    }

    [Fact]
    public void An_exception_in_backward_that_gets_lost_on_the_way_is_thrown_by_the_next_forward()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false)) { BackwardFailure = new InvalidOperationException("broken") };
        var x = Leaf(2, 4, 6);
        ScanFunction.Apply(cell, false, Forgetful.apply(x), null, null, null).Output.sum().backward();
        var failure = Assert.Throws<InvalidOperationException>(() => ScanFunction.Apply(cell, false, x, null, null, null));
        Assert.Same(cell.BackwardFailure, failure.InnerException);
        ScanFunction.Apply(cell, false, x, null, null, null);
    }

    [Fact]
    public void A_second_derivative_is_refused_and_a_first_with_its_graph_is_not()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        var x = Leaf(2, 4, 6);
        var loss = ScanFunction.Apply(cell, false, x, null, null, null).Output.sum();
        var gradient = autograd.grad([loss], [x], create_graph: true)[0];
        Assert.True(gradient.requires_grad);
        var failure = Assert.Throws<ExternalException>(() => gradient.sum().backward());
        Assert.IsType<NotSupportedException>(failure.InnerException);
    }

    /// <summary>Where the first graph is gone, libtorch has an error of its own: the cause is told in its place, and once.</summary>
    [Fact]
    public void A_second_derivative_without_its_graph_is_refused_once()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(3, bias: false));
        var x = Leaf(2, 4, 6);
        var y = (ScanFunction.Apply(cell, false, x.sin(), null, null, null).Output.exp() * 2).sum();
        var gradient = autograd.grad([y], [x], create_graph: true, retain_graph: false)[0];
        var failure = Assert.Throws<ExternalException>(() => gradient.sum().backward());
        Assert.IsType<NotSupportedException>(failure.InnerException);
        ScanFunction.Apply(cell, false, x, null, null, null);
    }

    [Fact]
    public void Several_threads_may_run_forward_and_backward_at_once()
    {
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(4));
        Parallel.For(0, 8, i =>
        {
            for (var round = 0; round < 30; round++)
            {
                using var scope = NewDisposeScope();
                var (x, parameters) = (Leaf(2, 5, 8), Leaf(2, 4));
                var expected = autograd.grad([ReferenceCell<double>.Eager(cell.Shape, false, x, parameters, null, null).Output.sum()], [x])[0];
                var actual = autograd.grad([ScanFunction.Apply(cell, false, x, parameters, null, null).Output.sum()], [x])[0];
                Assert.True(allclose(expected, actual, 1e-12, 1e-12));
            }
        });
    }

    /// <summary>A function whose backward clears the thread's native error.</summary>
    private sealed class Forgetful : autograd.SingleTensorFunction<Forgetful>
    {
        public override string Name => nameof(Forgetful);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]) * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 1];
    }
}
