using System.Globalization;
using System.Text.Json;
using MinRnn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Bench.Device;

/// <summary>
/// TorchSharp's modules on CUDA, with the libtorch of an installed PyTorch: layers against double precision on the CPU, a model that
/// learns, and the paper's training step. Each result is a line of the file that PyTorch's ways are written to.
/// </summary>
internal sealed class TorchCommand(string folder, Action<string> write)
{
    private const int LearningSteps = 60;

    private readonly string path = Path.Combine(folder, PeerResult.FileName);

    /// <returns>0 when every layer is right and the model learns.</returns>
    public int Run()
    {
        Directory.CreateDirectory(folder);
        TorchLibrary.EnsureLoaded();
        try
        {
            InitializeDeviceType(DeviceType.CUDA);
        }
        catch (InvalidOperationException failure)
        {
            throw new NotSupportedException($"TorchSharp finds no CUDA in this libtorch: {failure.Message.Split('\n')[0].Trim()}", failure);
        }

        Record(new PeerResult("about", $"TorchSharp {TorchLibrary.SupportedVersion} runs on PyTorch's libtorch"));
        var isGood = true;
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16 })
        {
            isGood &= Check("MinGru", new MinGru64(), new MinGru64Double(), type);
            isGood &= Check("LogMinGru", new LogMinGru64(), new LogMinGru64Double(), type);
            isGood &= Check("MinLstm", new MinLstm64(), new MinLstm64Double(), type);
            isGood &= Check("Rotation", new Rotation64(), new Rotation64Double(), type);
        }

        isGood &= Learn();
        backends.cuda.matmul.allow_tf32 = true;
        foreach (var time in new long[] { 512, 4096 })
            Train(64, time);
        return isGood ? 0 : 1;
    }

    // Products of float32 are exact to its rounding here; those of two bytes round the pre-activations too.
    private bool Check(string cell, RecurrentModule layer, RecurrentModule reference, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var _ = layer;
        using var __ = reference;
        try
        {
            layer.to(CUDA).to(type);
            foreach (var (name, parameter) in layer.named_parameters())
            {
                using var quiet = no_grad();

                // A rounded sum with a bias may change its sign, and with it the side of a kink whose derivative counts.
                if (type != ScalarType.Float32 && name.StartsWith("bias", StringComparison.Ordinal))
                    parameter.zero_();
                reference.get_parameter(name)!.copy_(parameter.cpu().to(ScalarType.Float64));
            }

            var input = randn(3, 130, 64).to(type);
            var gradient = randn(3, 130, 64).to(type);
            var on = Run(layer, input.cuda(), gradient.cuda());
            var off = Run(reference, input.to(ScalarType.Float64), gradient.to(ScalarType.Float64));
            var error = on.Zip(off, (x, y) => (x.cpu().to(ScalarType.Float64) - y).abs().max().item<double>() / Math.Max(y.abs().max().item<double>(), 1e-6)).Max();
            var bound = type switch { ScalarType.Float32 => 2e-5, ScalarType.Float16 => 1e-2, _ => 8e-2 };
            var isGood = error < bound;
            Record(new PeerResult("torch", cell, Elements: Name(type), Note: string.Create(CultureInfo.InvariantCulture, $"{error:e1}, {(isGood ? "good" : "WRONG")}")));
            return isGood;
        }
        catch (Exception failure) when (failure is System.Runtime.InteropServices.ExternalException or InvalidOperationException or NotSupportedException)
        {
            Record(new PeerResult("torch", cell, Elements: Name(type), Note: $"failed: {failure.Message.Split('\n')[0]}"));
            return false;
        }
    }

    private static Tensor[] Run(RecurrentModule layer, Tensor input, Tensor gradient)
    {
        var x = input.detach().requires_grad_();
        var (output, last) = layer.call(x);
        Tensor[] leaves = [x, .. layer.parameters()];
        return [output, last, .. autograd.grad([(output * gradient).sum()], leaves)];
    }

    private bool Learn()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = new DeviceModel();
        model.to(CUDA);
        var ids = randint(0, 32, [16, 65], device: CUDA);
        using var optimizer = optim.AdamW(model.parameters(), 3e-3);
        double first = 0, last = 0;
        for (var step = 0; step < LearningSteps; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(ids[.., ..64]).reshape(-1, 32), ids[.., 1..].reshape(-1));
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
            first = step == 0 ? last : first;
        }

        var isGood = last < 0.5 * first;
        Record(new PeerResult("torch", "a model of two blocks learns a batch by heart", Elements: "float32", Note: string.Create(CultureInfo.InvariantCulture, $"loss {first:f3} to {last:f3} in {LearningSteps} steps, {(isGood ? "good" : "WRONG")}")));
        return isGood;
    }

    private void Train(long batch, long time)
    {
        using var scope = NewDisposeScope();
        const int H = 1024;
        using var layer = new MinGru1024();
        layer.to(CUDA);
        using var linear = nn.Linear(H, 2 * H);
        linear.to(CUDA);
        var x = randn(batch, time, H, device: CUDA).requires_grad_();
        var gradient = randn(batch, time, H, device: CUDA);
        var wide = randn(batch, time, 2 * H, device: CUDA);
        Tensor[] own = [x, .. layer.parameters()], mapped = [x, .. linear.parameters()];
        var module = Timed(() => Step(() => layer.call(x).Item1, own, gradient));
        var map = Timed(() => Step(() => linear.call(x), mapped, wide));
        TimedAction.InTurn(TimeSettings.Full.Rounds, module, map);
        foreach (var (name, timed) in new[] { ("minGRU, TorchSharp's module", module), ("its linear map with bias alone, TorchSharp", map) })
            Record(new PeerResult("training", name, "both", batch, time, H, "float32", timed.Seconds * 1e3, timed.Spread, "no Python"));
    }

    private static TimedAction Timed(Action step) => new(TimeSettings.Full, step, () => cuda.synchronize());

    private static void Step(Func<Tensor> forward, Tensor[] leaves, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        _ = autograd.grad([forward()], leaves, [gradient]);
    }

    private void Record(PeerResult result)
    {
        write(string.Create(CultureInfo.InvariantCulture, $"TorchSharp: {result.Name} {result.Elements} {(result.Milliseconds is { } time ? $"T {result.Time}, {time:f2} ms" : result.Note)}"));
        File.AppendAllText(path, JsonSerializer.Serialize(result, PeerResult.Options) + "\n");
    }

    private static string Name(ScalarType type) => type.ToString().ToLowerInvariant();
}
