using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>Holds every peer to what it is compared with: the same output and gradients from the same parameters.</summary>
internal static class PeerCheck
{
    private const int Width = 64;

    /// <summary>Checks all peers: their names and errors, max|x - ref| / max|ref| over outputs and gradients.</summary>
    /// <exception cref="InvalidOperationException">A peer computes something else.</exception>
    public static IReadOnlyList<(string Name, double Error)> Run()
    {
        manual_seed(1);
        using var logMinGru = new LogMinGru64();
        using var logMinLstm = new LogMinLstm64();
        using var minGru = new MinGru64();
        using var gru = nn.GRU(Width, Width, batchFirst: true);
        using var lstm = nn.LSTM(Width, Width, batchFirst: true);
        using var logSpaceGru = new EagerLayer(Width, Width, 2, LogSpace.MinGru);
        using var logSpaceLstm = new EagerLayer(Width, Width, 3, LogSpace.MinLstm);
        using var stepLoop = new EagerLayer(Width, Width, 2, StepLoop.MinGru);
        using var gruLoop = new GruCellLoop(Width, Width);
        using var lstmLoop = new LstmCellLoop(Width, Width);
        using var selective = new SelectiveSsm64();
        using var selectiveLoop = new SelectiveLoop(Width, rank: 16);
        return
        [
            Check("step loop against SelectiveSsm", selective, x => selective.call(x).Item1, selectiveLoop, 1e-4),
            // Log space loses digits to sums that grow with time.
            Check("log-space minGRU against LogMinGru", logMinGru, x => logMinGru.call(x).Item1, logSpaceGru, 1e-3),
            Check("log-space minLSTM against LogMinLstm", logMinLstm, x => logMinLstm.call(x).Item1, logSpaceLstm, 1e-3),
            Check("step loop against MinGru", minGru, x => minGru.call(x).Item1, stepLoop, 1e-4),
            Check("GRUCell loop against nn.GRU", gru, x => gru.call(x).Item1, gruLoop, 1e-4),
            Check("LSTMCell loop against nn.LSTM", lstm, x => lstm.call(x).Item1, lstmLoop, 1e-4),
            CheckCausality(),
        ];
    }

    private static (string Name, double Error) Check(
        string name, nn.Module reference, Func<Tensor, Tensor> forward, nn.Module<Tensor, Tensor> peer, double tolerance)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            foreach (var (from, to) in reference.parameters().Zip(peer.parameters()))
                to.copy_(from);
        }

        var input = randn(4, 128, Width);
        var gradient = randn(4, 128, Width);
        var error = Results(reference, forward, input, gradient)
            .Zip(Results(peer, peer.call, input, gradient), (wanted, got) => Error(wanted, got))
            .Max();
        return error <= tolerance
            ? (name, error)
            : throw new InvalidOperationException($"{name}: error {error:G2}, at most {tolerance:G2} wanted. The comparison would mean nothing.");
    }

    /// <summary>What the Transformer block gives at a step may not depend on a later one.</summary>
    private static (string Name, double Error) CheckCausality()
    {
        const string Name = "Transformer block on a sequence against its first half alone";
        using var scope = NewDisposeScope();
        using var block = Baselines.Transformer(Width, Width);
        using var inference = no_grad();
        var input = randn(4, 128, Width);
        var half = input.narrow(1, 0, 64);
        var error = Error(block.call(half), block.call(input).narrow(1, 0, 64));
        return error <= 1e-5 ? (Name, error) : throw new InvalidOperationException($"{Name}: error {error:G2}. It looks ahead.");
    }

    private static List<Tensor> Results(nn.Module module, Func<Tensor, Tensor> forward, Tensor input, Tensor gradient)
    {
        var leaf = input.detach().requires_grad_();
        var output = forward(leaf);
        output.backward([gradient]);
        return [output.detach(), leaf.grad!, .. module.parameters().Select(parameter => parameter.grad!)];
    }

    private static double Error(Tensor wanted, Tensor got)
    {
        var error = ((got - wanted).abs().max() / wanted.abs().max()).item<float>();
        return float.IsNaN(error) ? double.PositiveInfinity : error;
    }
}
