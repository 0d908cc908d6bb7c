using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Samples.CustomCell;

/// <summary>The derivative that the build wrote, against differences of the layer's own outputs.</summary>
public static class GradientCheck
{
    // Differences in 64 bits: in 32 bits they would measure rounding.
    private const double Delta = 1e-5;
    private const double Tolerance = 1e-6;

    /// <summary>Prints the largest error, relative to the largest gradient of the parameter.</summary>
    /// <returns>Whether it is that of central differences.</returns>
    public static bool Show()
    {
        using var scope = NewDisposeScope();
        var layer = new PreciseLeaky();
        var input = randn(2, 20, layer.InputSize, dtype: ScalarType.Float64);
        var weights = randn(2, 20, layer.HiddenSize, dtype: ScalarType.Float64);
        Tensor Loss() => (layer.call(input).Item1 * weights).sum();

        Loss().backward();
        Console.WriteLine("2. The derivative that the build wrote, against central differences:");
        var worst = 0.0;
        foreach (var (name, parameter) in layer.named_parameters())
        {
            var error = RelativeError(parameter, Loss);
            Console.WriteLine($"   {name,-7} {parameter.numel(),4} numbers, error {error:E1}");
            worst = Math.Max(worst, error);
        }

        return worst < Tolerance;
    }

    private static double RelativeError(Tensor parameter, Func<Tensor> loss)
    {
        using var inference = no_grad();
        var gradient = parameter.grad!.flatten();
        var values = parameter.view(-1);
        var error = 0.0;
        for (var i = 0; i < values.size(0); i++)
        {
            using var scope = NewDisposeScope();
            var value = values[i].item<double>();
            values[i] = value + Delta;
            var above = loss().item<double>();
            values[i] = value - Delta;
            var below = loss().item<double>();
            values[i] = value;
            error = Math.Max(error, Math.Abs(((above - below) / (2 * Delta)) - gradient[i].item<double>()));
        }

        return error / gradient.abs().max().item<double>();
    }
}
