using System.Runtime.CompilerServices;

namespace MinRnn.Tests.Recurrence;

/// <summary>Data flows one way through the generator's folders, and only the first sees Roslyn.</summary>
public class ArchitectureTests
{
    private static readonly string[] Stages = ["Declarations", "Recurrence", "Differentiation", "Planning", "Emission"];

    [Theory]
    [InlineData("Recurrence")]
    [InlineData("Differentiation")]
    [InlineData("Planning")]
    [InlineData("Emission")]
    public void StageKnowsNoRoslyn(string stage) =>
        Assert.All(Files(stage), file => Assert.DoesNotContain("Microsoft.CodeAnalysis", File.ReadAllText(file), StringComparison.Ordinal));

    [Theory]
    [InlineData("Recurrence", "Declarations", "Differentiation", "Planning", "Emission")]
    [InlineData("Differentiation", "Declarations", "Planning", "Emission")]
    [InlineData("Planning", "Emission")]
    [InlineData("Declarations", "Differentiation", "Planning", "Emission")]
    public void StageLooksOnlyBack(string stage, params string[] later)
    {
        foreach (var file in Files(stage))
            Assert.All(later, other => Assert.DoesNotContain($"using MinRnn.Generator.{other}", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public void EveryStageIsThere() => Assert.All(Stages, stage => Assert.NotEmpty(Files(stage)));

    private static string[] Files(string stage, [CallerFilePath] string here = "") => Directory.GetFiles(
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Generator", stage), "*.cs", SearchOption.AllDirectories);
}
