using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>An edit recomputes what it changes, and nothing else; and nothing of a compilation outlives it.</summary>
public class IncrementalityTests
{
    private const string Cell =
        """
        using MinRnn; using static MinRnn.CellMath;
        [RecurrentCell] public static partial class First { public static float Step([State] float h, float gate) => Sigmoid(gate) * h; }
        [RecurrentCell] public static partial class Second { public static float Step([State] float h, float gate) => Tanh(gate) * h; }
        """;

    private const string Layers =
        """
        using MinRnn;
        [RecurrentLayer(typeof(First), InputSize = 3, HiddenSize = 4)] public partial class OfFirst;
        [RecurrentLayer(typeof(Second), InputSize = 3, HiddenSize = 4)] public partial class OfSecond;
        [RecurrentLayer(typeof(MinGru), InputSize = 3, HiddenSize = 4)] public partial class OfMinGru;
        [SequenceModel(typeof(First), VocabularySize = 9, Width = 8)] public partial class ModelOfFirst;
        """;

    private const string Other = "public class Unrelated { public int X => 1; }";

    private static readonly string[] Steps = ["Cells", "Layers", "Models", "Targets", "LayerGraphs", "ModelGraphs"];

    [Fact]
    public void Nothing_changed_and_nothing_is_new() => AssertCached(Edit(compilation => compilation));

    [Fact]
    public void A_clone_changes_nothing() => AssertCached(Edit(compilation => CSharpCompilation.Create(
        compilation.AssemblyName, compilation.SyntaxTrees, compilation.References, compilation.Options)));

    [Fact]
    public void A_comment_changes_nothing() => AssertCached(Edit(compilation => Replace(compilation, 0, Cell.Replace("=> Sigmoid", "=> /* new */\n Sigmoid"))));

    [Fact]
    public void Another_file_changes_nothing() => AssertCached(Edit(compilation => Replace(compilation, 2, Other.Replace("1", "2"))));

    [Fact]
    public void An_unrelated_class_changes_nothing() =>
        AssertCached(Edit(compilation => compilation.AddSyntaxTrees(Compiler.Parse("New.cs", "public class New;"))));

    [Fact]
    public void An_unrelated_class_beside_a_layer_changes_nothing() =>
        AssertCached(Edit(compilation => Replace(compilation, 1, Layers + "\npublic class New;")));

    [Fact]
    public void An_edited_cell_changes_itself_and_its_layers()
    {
        var result = Edit(compilation => Replace(compilation, 0, Cell.Replace("Sigmoid(gate)", "Sigmoid(-gate)")));
        Assert.Equal(["First.Cell", "ModelOfFirst.Cpu", "ModelOfFirst.Gpu", "OfFirst.Cpu", "OfFirst.Gpu"], Changed(result));
        Assert.Equal(1, Reasons(result, "Cells").Count(reason => reason == IncrementalStepRunReason.Modified));
        Assert.Equal(1, Reasons(result, "LayerGraphs").Count(reason => reason == IncrementalStepRunReason.Modified));
        Assert.Equal(1, Reasons(result, "ModelGraphs").Count(reason => reason == IncrementalStepRunReason.Modified));
        Assert.All(Reasons(result, "Layers").Concat(Reasons(result, "Models")), reason => Assert.True(IsOld(reason)));
    }

    [Fact]
    public void An_edited_layer_changes_itself()
    {
        var result = Edit(compilation => Replace(compilation, 1, Layers.Replace("OfSecond;", "OfSecond { }").Replace("typeof(MinGru), InputSize = 3", "typeof(MinGru), InputSize = 5")));
        Assert.Equal(["OfMinGru.Cpu", "OfMinGru.Gpu", "OfMinGru.Inference", "OfMinGru.Torch"], Changed(result));
        Assert.All(Reasons(result, "Cells"), reason => Assert.True(IsOld(reason)));
        Assert.Equal(1, Reasons(result, "LayerGraphs").Count(reason => reason == IncrementalStepRunReason.Modified));
    }

    [Fact]
    public void A_cell_that_breaks_and_mends_is_as_before()
    {
        var compilation = Start();
        var driver = Compiler.Driver(compilation, tracks: true).RunGenerators(compilation);
        var before = Texts(driver);
        driver = driver.RunGenerators(Replace(compilation, 0, Cell.Replace("Sigmoid(gate)", "Sigmoid(")));
        Assert.Contains("OfFirst.Shell.g.cs", Texts(driver).Keys);
        Assert.DoesNotContain("OfSecond.Shell.g.cs", Texts(driver).Keys);
        Assert.Equal(before, Texts(driver.RunGenerators(compilation)));
    }

    [Fact]
    public void Nothing_of_a_compilation_is_kept()
    {
        var result = Edit(compilation => compilation);
        foreach (var step in Steps)
        {
            foreach (var output in result.TrackedSteps[step].SelectMany(run => run.Outputs))
                AssertIndependent(output.Value, step, []);
        }
    }

    private static CSharpCompilation Start() => Compiler.Compilation([("Cells.cs", Cell), ("Layers.cs", Layers), ("Other.cs", Other)]);

    private static CSharpCompilation Replace(CSharpCompilation compilation, int file, string text)
    {
        var tree = compilation.SyntaxTrees[file];
        return compilation.ReplaceSyntaxTree(tree, Compiler.Parse(tree.FilePath, text));
    }

    /// <summary>What a second run does after an edit.</summary>
    private static GeneratorRunResult Edit(Func<CSharpCompilation, CSharpCompilation> edit)
    {
        var compilation = Start();
        var driver = Compiler.Driver(compilation, tracks: true).RunGenerators(compilation);
        var result = driver.RunGenerators(edit(compilation)).GetRunResult().Results[0];
        Assert.Null(result.Exception);
        Assert.All(Steps, step => Assert.True(result.TrackedSteps.ContainsKey(step), step));
        return result;
    }

    private static void AssertCached(GeneratorRunResult result)
    {
        Assert.All(Steps, step => Assert.All(Reasons(result, step), reason => Assert.True(IsOld(reason), $"{step}: {reason}")));
        var outputs = result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(run => run.Outputs).ToList();
        Assert.NotEmpty(outputs);
        Assert.All(outputs, output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason);

    private static bool IsOld(IncrementalStepRunReason reason) => reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;

    /// <summary>Files whose text is not that of the first run.</summary>
    private static IEnumerable<string> Changed(GeneratorRunResult result)
    {
        var compilation = Start();
        var before = Texts(Compiler.Driver(compilation).RunGenerators(compilation));
        return result.GeneratedSources.Where(source => before.GetValueOrDefault(source.HintName) != source.SourceText.ToString())
            .Select(source => source.HintName.Replace(".g.cs", "")).Order(StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Texts(GeneratorDriver driver) =>
        driver.GetRunResult().Results[0].GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>Walks every field that can be reached from a value.</summary>
    private static void AssertIndependent(object? value, string path, HashSet<object> seen)
    {
        if (value is null or string or Type || value.GetType() is { IsPrimitive: true } or { IsEnum: true } || !seen.Add(value))
            return;
        Assert.False(value is ISymbol or SyntaxNode or SyntaxTree or Compilation or SemanticModel or IOperation or Location or Diagnostic,
            $"{path} keeps a {value.GetType()}.");
        if (value is IEnumerable items and not string)
        {
            foreach (var item in items)
                AssertIndependent(item, path + "[]", seen);
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                AssertIndependent(field.GetValue(value), path + "." + field.Name, seen);
        }
    }
}
