using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Samples.CustomCell;

/// <summary>
/// Remembering: of sixteen noisy channels the network has to add up two, each step's sum fading by a tenth a step. Its cell
/// starts out forgetting nearly everything, so the learned decay has to move.
/// </summary>
public static class SmoothingTask
{
    private const int Batch = 32;
    private const int Time = 64;
    private const int Steps = 600;
    private const double Keep = 0.9;

    /// <summary>Trains and prints the loss on the way.</summary>
    /// <returns>Whether the loss fell to a tenth.</returns>
    public static bool Show()
    {
        Console.WriteLine("3. Training it to add up two of sixteen channels with a fading memory (error over variance):");
        var layer = new Leaky();
        var head = nn.Linear(layer.HiddenSize, 1);
        var optimizer = optim.AdamW([.. layer.parameters(), .. head.parameters()], lr: 1e-2, beta2: 0.999);
        var clock = Stopwatch.StartNew();
        var (first, recent) = (0f, 0f);
        for (var step = 0; step <= Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Sequences(layer.InputSize);
            var error = (head.call(layer.call(input).Item1).squeeze(2) - target).square().mean() / target.var();
            optimizer.zero_grad();
            error.backward();
            optimizer.step();

            recent = error.item<float>();
            first = step == 0 ? recent : first;
            if (step % 100 == 0)
                Console.WriteLine($"   step {step,3}  error {recent:F4}  slowest leak keeps {SlowestLeak(layer):F3} a step");
        }

        Console.WriteLine($"   {clock.Elapsed.TotalSeconds:F1} s");
        return recent < first / 10;
    }

    private static (Tensor Input, Tensor Target) Sequences(int channels)
    {
        var input = randn(Batch, Time, channels);
        var sums = input.select(2, 0) + input.select(2, 1);
        var age = arange(Time).unsqueeze(0) - arange(Time).unsqueeze(1);
        var fading = (1 - Keep) * (age * Math.Log(Keep)).exp().triu();
        return (input, sums.matmul(fading));
    }

    // With its gate wide open a channel keeps exp(-softplus(decay)) of its state.
    private static float SlowestLeak(Leaky layer)
    {
        using var inference = no_grad();
        return nn.functional.softplus(layer.get_parameter("decay")!).neg().exp().max().item<float>();
    }
}
