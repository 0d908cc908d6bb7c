using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MinRnn.Bench.Peers;

/// <summary>
/// The recurrences as the paper computes them: op by op in log space, by a cumulative log-sum-exp (Heinsen 2023; appendix B of
/// arXiv 2410.01201). States start from zero.
/// </summary>
internal static class LogSpace
{
    /// <summary>The minGRU with a positive candidate, from pre-activations [B, T, 2H].</summary>
    public static Tensor MinGru(Tensor preactivations)
    {
        using var scope = NewDisposeScope();
        var parts = preactivations.chunk(2, 2);
        var (gate, candidate) = (parts[0], parts[1]);
        return Scan(-softplus(gate), -softplus(-gate) + LogPositive(candidate)).MoveToOuterDisposeScope();
    }

    /// <summary>The minLSTM with a positive candidate, from pre-activations [B, T, 3H].</summary>
    public static Tensor MinLstm(Tensor preactivations)
    {
        using var scope = NewDisposeScope();
        var parts = preactivations.chunk(3, 2);
        var (forget, input, candidate) = (parts[0], parts[1], parts[2]);
        var balance = softplus(-forget) - softplus(-input);
        return Scan(-softplus(balance), -softplus(-balance) + LogPositive(candidate)).MoveToOuterDisposeScope();
    }

    // h[t] = a[t] h[t-1] + b[t], given log a and log b.
    private static Tensor Scan(Tensor logKeep, Tensor logValue)
    {
        var decay = logKeep.cumsum(1);
        return exp(decay + (logValue - decay).logcumsumexp(1));
    }

    // log g(x): log(x + 1/2) from 0 up, log σ(x) below.
    private static Tensor LogPositive(Tensor x) => where(x >= 0, (relu(x) + 0.5).log(), -softplus(-x));
}
