using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// Where the gradients of a step go that are not its states': of a channel's element by element into sums in registers or, summed over
/// the elements, into tensors; of what all channels share over the lanes of the group.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="slices">How elements are spread over threads.</param>
/// <param name="step">The step's adjoint.</param>
/// <param name="text">The kernel's text.</param>
/// <param name="names">Its names.</param>
internal sealed class VectorGradients(LayerPlan plan, ElementSlices slices, ElementFunctions step, ElementKernelText text, KernelNames names)
{
    private readonly LaneText lanes = LaneText.Single(plan);

    /// <summary>Parameters that a channel has one of and whose gradient a step writes.</summary>
    private List<Symbol> Written => [.. plan.Cell.Parameters.Select(parameter => parameter.Symbol).Where(symbol => symbol.Kind is SymbolKind.Projection or SymbolKind.Input)];

    /// <summary>Weights, and projections where biases have gradients.</summary>
    private IEnumerable<Symbol> Summed => plan.Cell.Projections.Where(_ => plan.Bias).Concat(plan.Cell.Weights).Select(parameter => parameter.Symbol);

    /// <summary>Those of them that a step gives a channel's gradient of.</summary>
    private IEnumerable<Symbol> SummedOfChannel => Summed.Where(symbol => !symbol.IsIndexed && step.After.Returns(symbol));

    private bool SharesParts => text.IsSliced && step.Schedule.Sums.Count > 0;

    private bool Exchanges => plan.Shared > 0 || SharesParts;

    private bool Returns(Symbol symbol) => (symbol.IsIndexed ? step.Element : step.After).Returns(symbol);

    /// <summary>Declares what the group shares for sums.</summary>
    public void Share(CodeWriter code)
    {
        if (plan.Shared > 0)
        {
            text.Allocate(code, "shares", $"{Buffers("Shared * GroupSums.Pitch")}");
            text.Allocate(code, "sums", "Shared");
        }

        if (SharesParts)
            text.Allocate(code, "parts", Buffers($"{Literals.Int(step.Schedule.Sums.Count)} * Slices * Tiles.Lanes"));
    }

    /// <summary>Begins the sums over a strip's time.</summary>
    public void Begin(CodeWriter code)
    {
        foreach (var symbol in Summed.Where(Returns))
        {
            foreach (var element in symbol.IsIndexed ? text.Elements : [0])
                code.Line($"var {Sum(symbol, element)} = {lanes.Constant(0)};");
        }

        if (plan.Shared > 0)
            code.Line("GroupSums.Begin(sums, Shared);");
    }

    /// <summary>Adds up and writes what a step's elements gave.</summary>
    public void Step(CodeWriter code)
    {
        code.Line();
        foreach (var symbol in Summed.Where(symbol => symbol.IsIndexed && step.Element.Returns(symbol)))
        {
            foreach (var element in text.Elements)
                code.Line($"{Sum(symbol, element)} += {Gradient(symbol, element)};");
        }

        Put(code);
        if (Exchanges)
            code.Line().Line("Group.Barrier();");
        Take(code);
        if (Exchanges && slices.Buffers == 1)
            code.Line().Line("Group.Barrier();");
    }

    /// <summary>Writes the sums over a strip's time.</summary>
    public void End(CodeWriter code)
    {
        if (plan.Shared > 0)
            code.Line("GroupSums.End(sums, Shared, scan.Vectors.SharedSums, strip * Shared);");
        if (!Summed.Any())
            return;
        code.Line();
        using (code.Block("if (thread.IsInside && scan.ParameterPartials.Length != 0)"))
        {
            code.Line($"var partialAt = (thread.Piece * (((scan.Window.BiasRows + {Literals.Int(plan.Weights)}) * Channels) + scan.Window.SharedBiases)) + channel;");
            var biases = Summed.Where(symbol => symbol.Kind == SymbolKind.Projection).ToList();
            if (biases.Count > 0)
            {
                using (code.Block($"if (scan.Window.BiasRows != 0{(text.IsSliced ? " && thread.Slice == 0" : "")})"))
                {
                    foreach (var bias in biases)
                        code.Line(Partial("partialAt", bias.Index, bias, 0));
                }

                code.Line();
            }

            Weights(code);
        }
    }

    private void Weights(CodeWriter code)
    {
        var weights = Summed.Where(symbol => symbol.Kind == SymbolKind.Weight).ToList();
        if (weights.Count == 0)
            return;
        code.Line("partialAt += (scan.Window.BiasRows * Channels) + scan.Window.SharedBiases;");
        var ofChannel = weights.Where(weight => !weight.IsIndexed).ToList();
        using (text.IsSliced && ofChannel.Count > 0 ? code.Block("if (thread.Slice == 0)") : null)
        {
            foreach (var weight in ofChannel)
                code.Line(Partial("partialAt", plan.FirstRow(weight), weight, 0));
        }

        var indexed = weights.Where(weight => weight.IsIndexed).ToList();
        if (text.IsSliced && indexed.Count > 0)
            code.Line().Line("partialAt += firstElement * Channels;");
        foreach (var weight in indexed)
        {
            foreach (var element in text.Elements)
                code.Line(Partial("partialAt", plan.FirstRow(weight) + element, weight, element));
        }
    }

    /// <summary>Leaves for the group what its threads sum together.</summary>
    private void Put(CodeWriter code)
    {
        if (!Exchanges)
            return;
        code.Line();
        if (slices.Buffers > 1)
            code.Line("// Steps take two buffers in turn: nobody writes to one that is still read.").Line("var buffer = step & 1;");
        if (plan.Shared > 0)
        {
            code.Line($"var shareAt = {(slices.Buffers > 1 ? "(long)buffer * Shared * GroupSums.Pitch" : "0L")};");
            var at = text.OfSlice("shareAt + thread.Lane", "(firstElement * GroupSums.Pitch)");
            code.Line($"var ownAt = {at};");
            foreach (var shared in plan.Cell.Shared.Select(parameter => parameter.Symbol))
            {
                foreach (var element in text.Elements)
                {
                    var row = text.StateRow(shared, element);
                    var place = row == 0 ? "ownAt" : row == 1 ? "ownAt + GroupSums.Pitch" : $"ownAt + ({Literals.Int(row)} * GroupSums.Pitch)";
                    code.Line($"shares[{place}] = {(step.Element.Returns(shared) ? Gradient(shared, element) : lanes.Constant(0))};");
                }
            }
        }

        if (SharesParts)
            text.LeaveParts(code, step, slices.Buffers > 1);
    }

    /// <summary>Sums what the group's threads left, and stores what a step has the gradients of.</summary>
    private void Take(CodeWriter code)
    {
        if (plan.Shared > 0)
        {
            using (code.Block("if (scan.Vectors.SharedGradients.Length != 0)"))
            {
                code.Line($"var row = {(KernelText.RowOf(plan, "start", "step"))};");
                code.Line("GroupSums.OfLanes(");
                code.Line("    shares, shareAt, thread.Occupied, Shared, scan.Vectors.SharedGradients, ((thread.Strip * scan.Vectors.Rows) + row) * Shared, sums);");
            }

            code.Line();
        }

        if (step.After.Results.Count == 0 && Written.Count == 0)
            return;
        using (text.IsSliced ? code.Block("if (thread.Slice == 0)") : null)
            OfChannel(code);
    }

    private void OfChannel(CodeWriter code)
    {
        if (step.After.Results.Count > 0)
        {
            text.Sums(code, step);
            code.Line(text.After(step, names.Gradient));
        }

        foreach (var symbol in SummedOfChannel)
            code.Line($"{Sum(symbol, 0)} += {names.Gradient(symbol)};");
        foreach (var symbol in Written)
        {
            var (condition, view, matrix, row) = symbol.Kind == SymbolKind.Input
                ? ("writesInput", "InputGradient", "output", 0)
                : ("writesPreactivations", "PreactivationGradient", "preactivation", symbol.Index);
            using (code.Line().Block($"if (thread.IsInside && {condition})"))
                code.Line(lanes.Store(view, KernelText.At(matrix, "step", row), Value(symbol)));
        }
    }

    private string Value(Symbol symbol) => Returns(symbol) ? names.Gradient(symbol) : lanes.Constant(0);

    private string Gradient(Symbol symbol, int element) => ElementKernelText.Of(names.Gradient(symbol), element);

    private string Partial(string at, int row, Symbol symbol, int element) =>
        lanes.StoreWork("ParameterPartials", KernelText.Row(at, row), Returns(symbol) ? Sum(symbol, element) : lanes.Constant(0));

    private string Sum(Symbol symbol, int element) => symbol.Kind == SymbolKind.Projection
        ? names.BiasSum(symbol)
        : symbol.IsIndexed ? ElementKernelText.Of(names.Of("sum", symbol, symbol.Name + "Sum"), element) : names.Of("sum", symbol, symbol.Name + "Sum");

    private string Buffers(string count) => slices.Buffers > 1 ? "2 * " + count : count;
}
