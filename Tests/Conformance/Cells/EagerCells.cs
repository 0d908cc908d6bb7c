using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Cells;

/// <summary>One step of a cell as tensor operations, each tensor [B, H].</summary>
/// <param name="states">The states before the step.</param>
/// <param name="projections">Pre-activations, bias included, in the order of the cell's projections.</param>
/// <param name="weights">The cell's weights, each [H].</param>
/// <param name="x">The layer's own input; an empty tensor where the cell takes none.</param>
/// <returns>The states after the step, and the output.</returns>
internal delegate (Tensor[] States, Tensor Output) EagerCell(Tensor[] states, Tensor[] projections, Tensor[] weights, Tensor x);

/// <summary>
/// The built-in cells once more, written down from their papers' formulas with plain operations, which torch differentiates. In
/// double precision and at moderate arguments the plain form is exact enough to judge the stable one.
/// </summary>
internal static class EagerCells
{
    public static IReadOnlyDictionary<Type, EagerCell> All { get; } = new Dictionary<Type, EagerCell>
    {
        [typeof(MinGru)] = (h, p, _, _) => One(Mix(1 - sigmoid(p[0]), h[0], p[1])),
        [typeof(LogMinGru)] = (h, p, _, _) => One(Mix(1 - sigmoid(p[0]), h[0], Positive(p[1]))),
        [typeof(MinLstm)] = (h, p, _, _) => One(Mix(sigmoid(p[0]) / (sigmoid(p[0]) + sigmoid(p[1])), h[0], p[2])),
        [typeof(LogMinLstm)] = (h, p, _, _) => One(Mix(sigmoid(p[0]) / (sigmoid(p[0]) + sigmoid(p[1])), h[0], Positive(p[2]))),
        [typeof(SignedMinGru)] = (h, p, _, _) =>
        {
            var a = 1 - (2 * sigmoid(p[0]));
            return One((a * h[0]) + ((1 - a.abs()) * p[1]));
        },
        [typeof(Sru)] = (c, p, _, x) =>
        {
            var next = Mix(sigmoid(p[1]), c[0], p[0]);
            return ([next], Mix(sigmoid(p[2]), tanh(next), x));
        },
        [typeof(QrnnFo)] = (c, p, _, _) =>
        {
            var next = Mix(sigmoid(p[1]), c[0], tanh(p[0]));
            return ([next], sigmoid(p[2]) * next);
        },
        [typeof(Hgrn)] = (h, p, w, _) =>
        {
            var lower = sigmoid(w[0]);
            return One(Mix(lower + ((1 - lower) * sigmoid(p[0])), h[0], p[1] * sigmoid(p[1])));
        },
        [typeof(RgLru)] = (h, p, w, x) =>
        {
            var a = sigmoid(w[0]).pow(8 * sigmoid(p[0]));
            return One((a * h[0]) + (BoundedRoot(1 - a.square()) * sigmoid(p[1]) * x));
        },
        [typeof(IndRnn)] = (h, p, w, _) => One(nn.functional.relu(p[0] + (w[0] * h[0]))),
        [typeof(Rotation)] = (h, p, _, _) =>
        {
            // The same in complex numbers.
            var turned = complex(h[0], h[1]) * polar(sigmoid(p[0]), p[1]);
            var real = turned.real + ((1 - sigmoid(p[0])) * p[2]);
            return ([real, turned.imag], real);
        },
        [typeof(Aaren)] = (s, p, _, _) =>
        {
            var maximum = torch.maximum(s[0], p[0]).detach();
            var (keep, admit) = (exp(s[0] - maximum), exp(p[0] - maximum));
            var (total, normalizer) = ((s[1] * keep) + (p[1] * admit), (s[2] * keep) + admit);
            return ([maximum, total, normalizer], total / normalizer);
        },
    };

    private static (Tensor[] States, Tensor Output) One(Tensor state) => ([state], state);

    private static Tensor Mix(Tensor share, Tensor a, Tensor b) => (share * a) + ((1 - share) * b);

    /// <summary>The paper's g.</summary>
    private static Tensor Positive(Tensor x) => where(x >= 0, x + 0.5, sigmoid(x));

    /// <summary>The root, with the gradient 1 / √max(4x, 1e-6).</summary>
    private static Tensor BoundedRoot(Tensor x)
    {
        var slope = 1 / (4 * x).clamp(min: 1e-6).sqrt().detach();
        return (x * slope) + (x.sqrt() - (x * slope)).detach();
    }
}
