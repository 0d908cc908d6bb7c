using System.Reflection;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>A cell that is compiled into one assembly serves layers of another, by its recorded graph alone.</summary>
public class MetadataTests
{
    private const string Layer =
        "[RecurrentLayer(typeof(Oscillator), InputSize = 6, HiddenSize = 6)] public partial class Oscillating;"
        + "[SequenceModel(typeof(Oscillator), VocabularySize = 9, Width = 8)] public partial class Model;";

    [Fact]
    public void A_packaged_cell_is_as_a_local_one()
    {
        var package = Compiler.Build(Compiler.Compilation(Compiler.Usings + Cells.Oscillator, Targets.Core, assembly: "Package")).AssertClean();
        var user = Compiler.Build(Compiler.Compilation(Compiler.Usings + Layer).AddReferences(package.ToReference())).AssertClean();
        Assert.Empty(user.Analysis);
        var local = Compiler.Build(Compiler.Usings + Cells.Oscillator + Layer).AssertClean();
        Assert.Equal(local.FileNames.Where(file => file != "Oscillator.Cell.g.cs"), user.FileNames);
        Assert.All(user.FileNames, file => Assert.Equal(local[file], user[file]));
    }

    [Fact]
    public void A_compilation_reference_is_as_an_assembly()
    {
        var package = Compiler.Build(Compiler.Compilation(Compiler.Usings + Cells.Oscillator, Targets.Core, assembly: "Package"));
        var user = Compiler.Build(Compiler.Compilation(Compiler.Usings + Layer).AddReferences(package.Output.ToMetadataReference())).AssertClean();
        Assert.Contains("Oscillating.Cpu.g.cs", user.FileNames);
        Assert.Empty(user.Analysis);
    }

    /// <summary>As in an editor, where a field of another project has a text, which is none of this compilation's.</summary>
    [Fact]
    public void A_field_of_another_project_is_not_constant()
    {
        var other = Compiler.Compilation("public static class Other { public static readonly float Rate = 0.5f; }", assembly: "Other");
        var user = Compiler.Build(Compiler.Compilation(Cells.WithLayer(Cells.WithStep("=> Other.Rate * h + gate;"))).AddReferences(other.ToMetadataReference())).AssertAddsNoError();
        Assert.Equal(["MRNN2012"], user.Analysis.Select(diagnostic => diagnostic.Id));
    }

    [Fact]
    public void A_cell_of_an_assembly_without_the_generator_is_none()
    {
        var package = Compiler.Compilation(Compiler.Usings + Cells.Oscillator, Targets.Core, assembly: "Package");
        var user = Compiler.Build(Compiler.Compilation(Compiler.Usings + Layer).AddReferences(package.ToMetadataReference())).AssertClean();
        Assert.Equal(["MRNN1004", "MRNN1004"], user.Analysis.Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cell Packaged")]
    [InlineData("cell Packaged\\nstate\\nnext h = h\\n")]
    [InlineData("cell Packaged\\nstate h\\nstate h\\nnext h = h\\nnext h = h\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = \\n")]
    [InlineData("cell Packaged\\nstate h\\nnext\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = add(h\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = add(h, h, h)\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = unknown(h)\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = add(h, )\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = less(h, h)\\n")]
    [InlineData("cell Packaged\\nstate h\\nlet x = exp(h)\\nlet x = exp(h)\\nnext h = x\\n")]
    [InlineData("cell Packaged\\nstate h\\nlet  = exp(h)\\nnext h = h\\n")]
    [InlineData("cell Packaged\\nstate h initial many\\nnext h = h\\n")]
    [InlineData("cell Packaged\\nstate h color red\\nnext h = h\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = constant(1)\\n")]
    [InlineData("cell Packaged\\nstate h\\nnext h = h, h\\n")]
    public void A_broken_graph_is_told_where_it_is_used(string graph)
    {
        var package = Compiler.Compilation($"[MinRnn.RecurrentCell, MinRnn.CellGraph({GraphPrinter.Version}, \"{graph}\")] public static class Packaged;", assembly: "Package");
        var user = Compiler.Build(Compiler.Compilation(
            Compiler.Usings + "[RecurrentLayer(typeof(Packaged), InputSize = 6, HiddenSize = 6)] public partial class Encoder;")
            .AddReferences(package.ToMetadataReference())).AssertClean();
        Assert.Equal("MRNN1011", Assert.Single(user.Analysis).Id);
        Assert.Contains("Encoder.Shell.g.cs", user.FileNames);
    }

    [Fact]
    public void Built_in_cells_are_packaged_cells()
    {
        var recorded = typeof(MinGru).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RecurrentCellAttribute))).ToList();
        Assert.Equal(
            ["Aaren", "Hgrn", "IndRnn", "LogMinGru", "LogMinLstm", "MinGru", "MinLstm", "QrnnFo", "RgLru", "Rotation", "S4D", "SelectiveSsm", "SignedMinGru", "Sru"],
            recorded.Select(type => type.Name).Order(StringComparer.Ordinal));
        foreach (var cell in recorded)
        {
            var attribute = cell.GetCustomAttribute<CellGraphAttribute>()!;
            Assert.Equal(GraphPrinter.Version, attribute.Version);
            Assert.Equal(attribute.Graph + "\n", GraphPrinter.Print(GraphParser.Parse(attribute.Graph)));
        }
    }
}
