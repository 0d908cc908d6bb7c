using MinRnn.Torch.Autograd;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Torch.Rows;

/// <summary>A product of two matrices in place of rows of a linear map.</summary>
/// <param name="Column">The first column of its result among the pre-activations.</param>
/// <param name="Down">[r, D].</param>
/// <param name="Up">[H, r].</param>
internal sealed record LowRankMap(long Column, Tensor Down, Tensor Up);

/// <summary>
/// A linear map some of whose rows are maps of low rank, as one differentiable operation: every product is written where the kernels read
/// it, and its gradient read where they wrote it, with no copy that brings the parts together. The kernels take the input by way of it,
/// where they read it: its own gradients are then added to theirs.
/// </summary>
internal static class ProjectionFunction
{
    /// <summary>The pre-activations of an input [..., D], [..., columns], and the input for the kernels.</summary>
    /// <param name="input">[..., D].</param>
    /// <param name="weight">[columns less those of the maps, D]: the rows for the columns between the maps, in their order.</param>
    /// <param name="maps">The maps of low rank, one at least, by rising columns.</param>
    /// <param name="columns">Columns of the result.</param>
    public static (Tensor Preactivations, Tensor Input) Apply(Tensor input, Tensor weight, IReadOnlyList<LowRankMap> maps, long columns)
    {
        BackwardFailure.ThrowPending();
        var layout = new Layout(maps, columns);
        Tensor[] inputs = [input, weight, .. maps.SelectMany(map => new[] { map.Down, map.Up })];
        using var scope = NewDisposeScope();
        Tensor[] outputs = [empty([.. input.shape[..^1], columns], input.dtype, input.device), input.detach()];
        var narrow = new Tensor[maps.Count];
        using (no_grad())
        {
            var (rows, result) = (input.reshape(-1, input.size(-1)), outputs[0].view(-1, columns));
            foreach (var run in layout.Runs)
                run.Of(result).addmm_(rows, run.RowsOf(weight).t(), beta: 0, alpha: 1);
            for (var i = 0; i < narrow.Length; i++)
            {
                narrow[i] = rows.mm(maps[i].Down.t());
                layout.Maps[i].Of(result).addmm_(narrow[i], maps[i].Up.t(), beta: 0, alpha: 1);
            }
        }

        if (AutogradNode.IsWanted(inputs))
            new Node(layout, input.requires_grad).Attach([.. inputs, PassGuard.Make(input.device)], outputs, [.. Enumerable.Range(0, inputs.Length)], narrow);
        return scope.MoveToOuter(outputs[0], outputs[1]);
    }

    /// <summary>Columns that belong together.</summary>
    /// <param name="Column">The first of them.</param>
    /// <param name="Row">The weight's row for it; 0 for a map of low rank.</param>
    /// <param name="Count">How many there are.</param>
    private sealed record Run(long Column, long Row, long Count)
    {
        public Tensor Of(Tensor matrix) => matrix.narrow(1, Column, Count);

        public Tensor RowsOf(Tensor weight) => weight.narrow(0, Row, Count);
    }

    private sealed class Layout
    {
        public Layout(IReadOnlyList<LowRankMap> maps, long columns)
        {
            long next = 0, row = 0;
            foreach (var map in maps)
            {
                Between(map.Column);
                Maps.Add(new Run(map.Column, 0, map.Up.size(0)));
                next = map.Column + map.Up.size(0);
            }

            Between(columns);

            void Between(long end)
            {
                if (end > next)
                    Runs.Add(new Run(next, row, end - next));
                row += end - next;
            }
        }

        /// <summary>The columns of the weight's rows.</summary>
        public List<Run> Runs { get; } = [];

        /// <summary>Those of the maps.</summary>
        public List<Run> Maps { get; } = [];
    }

    private sealed class Node(Layout layout, bool wantsInput) : AutogradNode
    {
        protected override void Backward(ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients)
        {
            inputGradients[0] = outputGradients[1];
            if (outputGradients[0] is not { } given)
                return;
            var (input, weight) = (saved[0]!, saved[1]!);
            var (rows, gradient) = (input.reshape(-1, input.size(-1)), given.reshape(-1, given.size(-1)));

            // The kernels' backward has just made it, and nobody else has it.
            var rowsGradient = outputGradients[1]?.reshape(-1, input.size(-1));
            var weightGradient = empty_like(weight);
            foreach (var run in layout.Runs)
            {
                run.RowsOf(weightGradient).addmm_(run.Of(gradient).t(), rows, beta: 0, alpha: 1);
                AddProduct(run.Of(gradient), run.RowsOf(weight));
            }

            for (var i = 0; i < layout.Maps.Count; i++)
            {
                var (down, up, narrow) = (saved[2 + (2 * i)]!, saved[3 + (2 * i)]!, saved[2 + (2 * layout.Maps.Count) + i]!);
                var upGradient = layout.Maps[i].Of(gradient);
                var narrowGradient = upGradient.mm(up);
                inputGradients[2 + (2 * i)] = narrowGradient.t().mm(rows);
                inputGradients[3 + (2 * i)] = upGradient.t().mm(narrow);
                AddProduct(narrowGradient, down);
            }

            (inputGradients[0], inputGradients[1]) = (wantsInput ? rowsGradient!.view(input.shape) : null, weightGradient);

            void AddProduct(Tensor left, Tensor right)
            {
                if (!wantsInput)
                    return;
                if (rowsGradient is null)
                    rowsGradient = left.mm(right);
                else
                    rowsGradient.addmm_(left, right, beta: 1, alpha: 1);
            }
        }
    }
}
