using System.Reflection;
using System.Text;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Generator.Harness;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>The page that carries a cell through the compiler shows what each stage really makes of it.</summary>
public class StageTests
{
    private const string Path = "docs/how-it-works.md";

    private static readonly KernelPlan Plan = KernelPlan.Make(CellOfPage());

    [Fact]
    public void Graph() => Show("graph", GraphPrinter.Print(CellOfPage()));

    [Fact]
    public void Simplified() => Show("simplified", GraphPrinter.Print(Plan.Cell));

    [Fact]
    public void Adjoint()
    {
        var text = new StringBuilder();
        GraphPrinter.Print(text, [.. Plan.Adjoint.Parameters.Select(entry => ("gradient of " + entry.Parameter.Name, entry.Gradient))], []);
        Show("adjoint", text.ToString());
    }

    [Fact]
    public void Proof()
    {
        var coefficient = Plan.Affinity.Coefficients[0][0];
        var bounds = new Bounds();
        Show("proof",
            $"""
            coefficient = {Formulas.Plain.Use(coefficient)}
            offset      = {Formulas.Plain.Use(Plan.Affinity.Offsets[0])}
            coefficient in {bounds[coefficient]}
            {Plan.TimeParallel}
            """);
    }

    [Fact]
    public void Schedules()
    {
        Show("forward", Lines(Plan.Forward));
        Show("backward", Lines(Plan.Backward));
    }

    private static string Lines(Func<Hoisting, Schedule> of)
    {
        var hoisting = new Hoisting();
        var step = of(hoisting);
        var text = new StringBuilder();
        Append("before the first step", hoisting.Schedule());
        Append("in each step", step);
        foreach (var (target, value) in step.Results)
            text.Append($"    {target.Name} <- {FormulasOf(step).Use(value)}\n");
        return text.ToString();

        void Append(string heading, Schedule schedule)
        {
            text.Append(heading).Append('\n').Append($"    load {string.Join(", ", schedule.Loads.Select(load => schedule.Names[load]))}\n");
            foreach (var value in schedule.Values)
            {
                text.Append(value.Partner is null
                    ? $"    {schedule.Names[value.Node]} = {FormulasOf(schedule).Definition(value.Node)}\n"
                    : $"    {schedule.Names[value.Node]}, {schedule.Names[value.Partner]} = {value.PairSpelling}({FormulasOf(schedule).Use(value.Node[0])})\n");
            }
        }
    }

    private static Formulas FormulasOf(Schedule schedule) => new(node => schedule.Names.Has(node) ? schedule.Names[node] : null);

    private static void Show(string name, string text) => Derived.Region(Path, name, $"```\n{text.ReplaceLineEndings("\n").TrimEnd('\n')}\n```\n");

    /// <summary>The cell that the page's first block declares, as the generator read it.</summary>
    private static Cell CellOfPage()
    {
        var block = Repository.Pages.Single(page => page.Path == Path).Blocks.First(block => block.Language == "csharp");
        var assembly = Compiler.Build(Compiler.Usings + block.Text, Targets.Core).AssertClean().Load();
        return GraphParser.Parse(assembly.GetTypes().Select(type => type.GetCustomAttribute<CellGraphAttribute>()).OfType<CellGraphAttribute>().Single().Graph);
    }
}
