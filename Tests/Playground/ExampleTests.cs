using System.Globalization;
using System.Text.RegularExpressions;
using MinRnn.Samples.Playground.Compilation;
using MinRnn.Samples.Playground.Drawing;

namespace MinRnn.Tests.Playground;

/// <summary>Every example through every stage, in this process.</summary>
public partial class ExampleTests
{
    public static TheoryData<string> Names => [.. Examples.All.Select(example => example.Name)];

    [Fact]
    public void Every_cell_of_the_library_is_an_example()
    {
        var cells = typeof(MinGru).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RecurrentCellAttribute), false)).Select(type => type.Name);
        Assert.Equal(cells.Order(StringComparer.Ordinal), Examples.All.Skip(1).Select(example => example.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compiles_without_a_warning(string name)
    {
        var compiled = Compile(name);
        Assert.DoesNotContain(compiled.Diagnostics, note => note.Severity != "info");
        Assert.Equal([name + "Layer"], compiled.Layers);
        Assert.Equal(name, compiled.Layer!.Cell);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Boxes_do_not_overlap_and_lines_lead_down(string name)
    {
        var layer = Compile(name).Layer!;
        foreach (var drawing in new[] { layer.Step.Drawing, layer.Adjoint.Drawing })
        {
            Assert.NotEmpty(drawing.Edges);
            Assert.All(drawing.Edges, edge => Assert.True(drawing.Nodes[edge.From].Y + drawing.Nodes[edge.From].Height < drawing.Nodes[edge.To].Y));
            Assert.All(drawing.Nodes, node => Assert.True(node.X >= 0 && node.X + node.Width <= drawing.Width && node.Y + node.Height <= drawing.Height));
            foreach (var row in drawing.Nodes.GroupBy(node => node.Y))
            {
                var boxes = row.OrderBy(node => node.X).ToList();
                Assert.All(boxes.Zip(boxes.Skip(1)), pair => Assert.True(pair.First.X + pair.First.Width < pair.Second.X));
            }
        }
    }

    /// <summary>The page's budget is the one in the head of the generated kernels.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_budget_is_the_kernels(string name)
    {
        var layer = Compile(name).Layer!;
        var head = layer.Files.Single(file => file.Target == "Cpu").Text;
        var numbers = Budget().Matches(head).Select(match => new Traffic(Number(match, "reads"), Number(match, "writes"))).ToList();
        Assert.Equal([layer.Budget.Forward, layer.Budget.Backward], numbers);

        static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_gets_a_gradient_and_every_state_a_next_one(string name)
    {
        var layer = Compile(name).Layer!;
        var results = layer.Adjoint.Formulas.Where(line => line.Kind == "result").Select(line => line.Name);
        Assert.All(layer.Response.Parameters, parameter => Assert.Contains(parameter.Name + "Gradient", results));
        Assert.Contains(layer.Step.Formulas, line => line.Kind == "result");
        Assert.Contains(layer.Step.Drawing.Nodes, node => node.Role == NodeLabel.NextState);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_the_ptx_of_its_kernels(string name)
    {
        var listing = Answers.Ptx(new Question(QuestionKind.Ptx, Source(name)));
        Assert.Null(listing.Reason);
        Assert.Equal(name is nameof(S4D) or nameof(SelectiveSsm) ? 6 : name is nameof(Aaren) or nameof(IndRnn) ? 4 : 12, listing.Kernels.Count);
        Assert.All(listing.Kernels, kernel => Assert.Contains(".visible .entry", kernel.Text, StringComparison.Ordinal));
    }

    private static CompiledSource Compile(string name) => Answers.Compile(new Question(QuestionKind.Compile, Source(name)));

    private static string Source(string name) => Examples.All.Single(example => example.Name == name).Source;

    [GeneratedRegex(@"elements forward \((?<reads>\d+) read, (?<writes>\d+) written|backward \((?<reads>\d+) read, (?<writes>\d+) written")]
    private static partial Regex Budget();
}
