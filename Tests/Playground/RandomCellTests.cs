using MinRnn.Samples.Playground.Compilation;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Playground;

/// <summary>Random cells, through every view.</summary>
public class RandomCellTests
{
    [Fact]
    public void Are_drawn_written_and_run()
    {
        const int Cells = 100;
        var names = Enumerable.Range(0, Cells).Select(seed => $"Cell{seed}").ToList();
        var source = string.Concat(names.Select((name, seed) => CellSource.Write(RandomCells.Make(seed, name))));
        foreach (var layer in SourceCompiler.Run(source).Layers)
        {
            var view = Answers.View(layer, layer.Plan!, null);
            Assert.Contains(view.Step.Formulas, line => line.Kind == "result");
            Assert.All(view.Response.Parameters, parameter => Assert.Contains(view.Adjoint.Formulas, line => line.Name == parameter.Name + "Gradient"));
            Assert.All(view.Step.Drawing.Nodes.Concat(view.Adjoint.Drawing.Nodes), node => Assert.True(double.IsFinite(node.X) && node.X >= 0));

            // Cells are contractive, so that nothing grows without bound.
            Assert.All(view.Response.Series, series => Assert.All(series.Values, value => Assert.InRange(value!.Value, -100, 100)));
        }

        Assert.Equal(Cells, SourceCompiler.Run(source).Layers.Length);
    }
}
