using MinRnn.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Cells;

/// <summary>A cell of <see cref="EagerCells"/> walked step by step in double precision, its gradients by torch.</summary>
internal sealed class EagerBackend(EagerCell cell) : IScanBackend
{
    /// <summary>The oracle of a layer's scans: its cell as eager operations if there is such a form, else the CPU's kernels.</summary>
    public static IScanBackend OracleOf(Type layer) =>
        layer.GetCustomAttributes(typeof(RecurrentLayerAttribute), false).Cast<RecurrentLayerAttribute>().Single().Cell is var type
            && EagerCells.All.TryGetValue(type, out var eager) ? new EagerBackend(eager) : new Cpu.CpuBackend();

    public ScanOutput Run(LayerDescription layer, ScanInput input)
    {
        using var held = HeldFinalizers.Open();
        using var scope = NewDisposeScope();
        var shape = layer.Kernels.Shape;
        long b = input.Batch, t = input.Time, h = shape.Channels, p = shape.Projections, s = shape.States;
        var preactivations = Leaf(input.Preactivations, b, t, p, h);
        var parameters = Leaf(input.Parameters, shape.ParameterRows, h);
        var x = Leaf(input.Input, b, shape.HasInput ? t : 0, h);
        var initial = Leaf(input.InitialState ?? [.. Enumerable.Range(0, (int)(b * s * h)).Select(i => shape.InitialStates[i / (int)h % (int)s])], b, s, h);

        var weights = Enumerable.Range(shape.ParameterRows - shape.Weights, shape.Weights).Select(row => parameters[row]).ToArray();
        var states = Enumerable.Range(0, (int)s).Select(i => initial.select(1, i)).ToArray();
        var outputs = new Tensor[t];
        for (var step = 0; step < t; step++)
        {
            var at = input.Reverse ? t - 1 - step : step;
            var projections = Enumerable.Range(0, (int)p)
                .Select(i => preactivations.select(1, at).select(1, i) + (shape.HasBias ? parameters[i] : 0)).ToArray();
            (states, outputs[at]) = cell(states, projections, weights, shape.HasInput ? x.select(1, at) : x);
        }

        var output = t > 0 ? stack(outputs, 1) : zeros(b, 0, h, dtype: float64);
        var final = stack(states, 1);
        if (input.OutputGradient is not null || input.FinalStateGradient is not null)
            (Weighed(output, input.OutputGradient) + Weighed(final, input.FinalStateGradient)).backward();
        return new ScanOutput(
            Values(output), Values(final), Gradient(preactivations), Gradient(parameters), Gradient(x), Gradient(initial));
    }

    private static Tensor Leaf(double[] values, params long[] shape) => tensor(values, dtype: float64).reshape(shape).requires_grad_();

    /// <summary>What has the given gradient with respect to the values, and depends on them even without one.</summary>
    private static Tensor Weighed(Tensor values, double[]? gradient) => gradient is null
        ? zeros(1, dtype: float64)
        : (values * tensor(gradient, dtype: float64).reshape(values.shape)).sum();

    // TorchSharp refuses to list no elements.
    private static double[] Values(Tensor values) => values.numel() == 0 ? [] : values.detach().contiguous().data<double>().ToArray();

    private static double[] Gradient(Tensor leaf) => leaf.grad is { } gradient ? Values(gradient) : new double[leaf.numel()];
}
