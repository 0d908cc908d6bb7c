using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Differentiation;

/// <summary>What a plan costs and how it reads.</summary>
public class PlanTests
{
    [Theory]
    [InlineData(typeof(MinGru), 3, 6)]
    [InlineData(typeof(LogMinGru), 3, 6)]
    [InlineData(typeof(MinLstm), 4, 8)]
    [InlineData(typeof(LogMinLstm), 4, 8)]
    [InlineData(typeof(SignedMinGru), 3, 6)]
    [InlineData(typeof(Hgrn), 3, 6)]
    [InlineData(typeof(IndRnn), 2, 4)]
    [InlineData(typeof(RgLru), 4, 8)]
    public void BuiltInCellsMoveTheLeastPossible(Type cell, int forward, int backward)
    {
        var budget = KernelPlan.Make(CellGraphs.Of(cell)).Budget;
        Assert.Equal((forward, backward), (budget.Forward, budget.Backward));
    }

    [Fact]
    public void SeveralStatesAreSavedOnceEach()
    {
        var cell = GraphParser.Parse("cell A.B\nstate a\nstate b\nprojection p\ninput x\nnext a = add(mul(p, a), x)\nnext b = add(b, a)\n");
        var budget = KernelPlan.Make(cell).Budget;
        Assert.Equal(new TrafficBudget(ForwardReads: 2, ForwardWrites: 3, BackwardReads: 5, BackwardWrites: 2), budget);
    }

    [Fact]
    public void GateAndComplementComeFromOneExponential()
    {
        var backward = KernelPlan.Make(CellGraphs.Of(typeof(MinGru))).Backward(new Hoisting());
        var pair = Assert.Single(backward.Values, value => value.Partner is not null);
        Assert.Equal("SigmoidPair", pair.PairSpelling);
        Assert.Equal("update", backward.Names[pair.Node]);
        Assert.Equal("keep", backward.Names[pair.Partner!]);
    }

    /// <summary>The share of two gates is a quotient of the sigmoids that its gradients want anyway.</summary>
    [Theory]
    [InlineData(typeof(MinLstm))]
    [InlineData(typeof(LogMinLstm))]
    public void ShareOfGatesNeedsNoLogarithm(Type cell)
    {
        var plan = KernelPlan.Make(CellGraphs.Of(cell));
        foreach (var schedule in new[] { plan.Forward(new Hoisting()), plan.Backward(new Hoisting()), SpanSummary.Order(SpanSummary.Forward(plan), new Hoisting()) })
        {
            var nodes = schedule.Results.Select(result => result.Value).Reachable();
            Assert.DoesNotContain(nodes, node => node.Op == Operators.Softplus || node.Op == Operators.Exp);
            Assert.Contains(nodes, node => node.Hint == "keep");
        }
    }

    [Fact]
    public void CommonFactorsAreTakenOut()
    {
        var gate = KernelPlan.Make(CellGraphs.Of(typeof(MinGru))).Adjoint.Parameters.Single(entry => entry.Parameter.Name == "gate").Gradient;
        Assert.Equal("mul(mul(hGradient, sub(candidate, h)), mul(sigmoid(gate), sigmoid(neg(gate))))", GraphPrinter.Inline(gate));
    }

    [Theory]
    [InlineData("channel")]
    [InlineData("class")]
    [InlineData("Lanes")]
    public void NamesOfTheKernelAndOfCSharpStayFree(string name)
    {
        var cell = GraphParser.Parse($"cell A.B\nstate h\nprojection {name}\nnext h = add(h, {name})\n");
        var schedule = KernelPlan.Make(cell).Forward(new Hoisting());
        Assert.DoesNotContain(name, schedule.Loads.Select(load => schedule.Names[load]));
    }

    [Theory]
    [InlineData("mul(mul(sigmoid(p), exp(w)), h)", "exp(w)")]
    [InlineData("mul(add(exp(w), div(1, w)), h)", "add(exp(w), div(1, w))")]
    [InlineData("mul(select(less(exp(w), 1), p, w), h)", "exp(w)")]
    [InlineData("add(mul(tanh(w), h), mul(exp(tanh(w)), p))", "tanh(w) exp(tanh(w))")]
    [InlineData("mul(add(w, abs(w)), h)", "")]
    [InlineData("mul(exp(p), h)", "")]
    public void WhatDependsOnWeightsAloneIsHoisted(string next, string kept)
    {
        var plan = KernelPlan.Make(GraphParser.Parse($"cell A.B\nstate h\nprojection p\nweight w\nnext h = {next}\n"));
        var hoisting = new Hoisting();
        var schedule = plan.Forward(hoisting);
        Assert.Equal(kept, string.Join(' ', hoisting.Values.Select(entry => GraphPrinter.Inline(entry.Value))));
        Assert.Equal(hoisting.Values.Select(entry => entry.Symbol), schedule.Loads.Select(load => load.Symbol!).Where(symbol => symbol.Kind == SymbolKind.Hoisted));

        // A second schedule finds the same values again.
        Assert.Equal(schedule.Loads.Select(load => load.Symbol), plan.Forward(hoisting).Loads.Select(load => load.Symbol));
    }

    [Fact]
    public void PlansOfRandomCellsNameEveryValueOnce()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var plan = KernelPlan.Make(RandomCells.Make(seed, "A.B"));
            var hoisting = new Hoisting();
            foreach (var schedule in new[] { plan.Forward(hoisting), plan.Backward(hoisting), hoisting.Schedule() })
            {
                var names = schedule.Loads.Select(load => schedule.Names[load])
                    .Concat(schedule.Values.SelectMany(value => value.Partner is null ? [value.Node] : new[] { value.Node, value.Partner }).Select(node => schedule.Names[node]))
                    .ToList();
                Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
            }
        }
    }
}
