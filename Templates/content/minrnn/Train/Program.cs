// Teaches the model to add: it sees lines such as "7+8=15" and learns to say what comes next.
using System.Diagnostics;
using MinRnnApp;
using TorchSharp;
using static TorchSharp.torch;

const int Batch = 32, Length = 48, Steps = 400;
var path = args.Length > 0 ? args[0] : "model.safetensors";

torch.manual_seed(1);
var random = new Random(1);
using var model = new SumModel();
using var optimizer = torch.optim.AdamW(model.parameters(), lr: 4e-3);
var watch = Stopwatch.StartNew();
for (var step = 1; step <= Steps; step++)
{
    using var scope = torch.NewDisposeScope();
    var text = tensor(Enumerable.Range(0, Batch).SelectMany(_ => Sums(Length + 1)).ToArray()).reshape(Batch, Length + 1);
    optimizer.zero_grad();
    var logits = model.call(text[.., ..^1]);
    var loss = nn.functional.cross_entropy(logits.flatten(0, 1), text[.., 1..].flatten());
    loss.backward();
    optimizer.step();
    if (step % 50 == 0)
        Console.WriteLine($"step {step,3} of {Steps}   loss {loss.item<float>():F3}   {step * Batch * Length / watch.Elapsed.TotalSeconds:N0} characters/s");
}

model.SaveSafetensors(path);
Console.WriteLine($"Saved: {Path.GetFullPath(path)}. Now ask it: dotnet run --project Run 7+8");

long[] Sums(int length)
{
    var text = "";
    while (text.Length < length)
    {
        var (a, b) = (random.Next(10), random.Next(10));
        text += $"{a}+{b}={a + b}\n";
    }

    return [.. text[..length].Select(character => (long)character)];
}
