using System.Globalization;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>The same declarations give the same bytes: under any culture, in any order of files, every time.</summary>
public class DeterminismTests
{
    private static readonly (string Path, string Text)[] Files =
    [
        ("Oscillator.cs", Compiler.Usings + Cells.Oscillator
            + "[RecurrentLayer(typeof(Oscillator), InputSize = 5, HiddenSize = 5, Precision = Precision.Double)] public partial class Oscillating;"),
        ("Leaky.cs", Compiler.Usings + Cells.Leaky + "[RecurrentLayer(typeof(LeakyCandidate), InputSize = 1000, HiddenSize = 4096)] public partial class Leaky;"),
        ("Model.cs", Compiler.Usings + "[SequenceModel(typeof(LogMinGru), VocabularySize = 1234, Width = 8, Dropout = 0.25, MlpRatio = 2)] public partial class Model;"),
        ("Numbers.cs", Compiler.Usings
            + """
            [RecurrentCell] public static partial class Numbers
            {
                public static float Step([State(Initial = -1.5f)] float h, [Projection(BiasInitial = -0.25f)] float gate, float candidate)
                {
                    var (a, b) = (h, h);
                    if (gate < -1.5e-7f) { a = candidate; b = candidate; }
                    return (a * 0.333f) + (b * 1e20f) + float.NegativeInfinity * 0 - 123456.7f;
                }
            }
            [RecurrentLayer(typeof(Numbers), InputSize = 5, HiddenSize = 5)] public partial class Numbered;
            """),
    ];

    [Theory]
    [InlineData("sv-SE")]
    [InlineData("ar-SA")]
    [InlineData("tr-TR")]
    [InlineData("de-CH")]
    public void Cultures_change_nothing(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            var expected = Generate(Files);
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal(expected, Generate(Files));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Order_and_repetition_change_nothing()
    {
        var expected = Generate(Files);
        for (var i = 0; i < 3; i++)
            Assert.Equal(expected, Generate(Files));
        Assert.Equal(expected, Generate([.. Files.Reverse()]));
    }

    [Fact]
    public void Lines_of_any_ending_end_alike()
    {
        var expected = Generate(Files);
        Assert.Equal(expected, Generate([.. Files.Select(file => (file.Path, file.Text.ReplaceLineEndings("\r\n")))]));
        Assert.All(expected, file => Assert.DoesNotContain('\r', file.Value));
        Assert.All(expected, file => Assert.EndsWith("}\n", file.Value, StringComparison.Ordinal));
        Assert.All(expected, file => Assert.All(file.Value.Split('\n'), line => Assert.Equal(line.TrimEnd(), line)));
        Assert.All(expected, file => Assert.DoesNotContain('\t', file.Value));
    }

    private static SortedDictionary<string, string> Generate(IReadOnlyList<(string Path, string Text)> files)
    {
        var build = Compiler.Build(Compiler.Compilation(files)).AssertClean();
        return new(build.FileNames.ToDictionary(file => file, file => build[file]), StringComparer.Ordinal);
    }
}
