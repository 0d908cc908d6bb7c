using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Samples.CustomCell;

/// <summary>The cell called as plain C#, beside the layer that the build made of it, on the same numbers.</summary>
public static class Agreement
{
    private const int Batch = 2;
    private const int Time = 50;

    /// <summary>Prints the largest difference.</summary>
    /// <returns>Whether it is rounding.</returns>
    public static bool Show()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var layer = new Leaky();
        var input = randn(Batch, Time, layer.InputSize);
        var (output, last) = layer.call(input);

        // What the layer computes before its recurrence: a linear map, rows in the order of Step's projections.
        var hidden = layer.HiddenSize;
        var preactivations = nn.functional.linear(input, layer.get_parameter("weight")!, layer.get_parameter("bias")!);
        var rows = preactivations.data<float>().ToArray();
        var decay = layer.get_parameter("decay")!.data<float>().ToArray();
        var expected = new float[Batch * Time * hidden];
        for (var b = 0; b < Batch; b++)
        {
            for (var channel = 0; channel < hidden; channel++)
            {
                var h = 0f;
                for (var t = 0; t < Time; t++)
                {
                    var row = ((b * Time) + t) * 2 * hidden;
                    h = LeakyCandidate.Step(h, rows[row + channel], rows[row + hidden + channel], decay[channel]);
                    expected[(((b * Time) + t) * hidden) + channel] = h;
                }
            }
        }

        var wanted = tensor(expected).view(Batch, Time, hidden);
        var difference = (output - wanted).abs().max().item<float>();
        var lastDifference = (last - wanted.select(1, Time - 1)).abs().max().item<float>();
        Console.WriteLine("1. The method in plain C#, and the layer that the build made of it:");
        Console.WriteLine($"   h[1, 49, 0]  C# {expected[^hidden]:F6}   layer {output[1, Time - 1, 0].item<float>():F6}");
        Console.WriteLine($"   largest difference over {expected.Length:N0} outputs: {Math.Max(difference, lastDifference):E1}");
        return Math.Max(difference, lastDifference) < 1e-5;
    }
}
