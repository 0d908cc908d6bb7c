using System.Xml.Linq;

namespace MinRnn.Tests.Packages;

/// <summary><c>dotnet new minrnn</c>, as its readme tells.</summary>
[Collection(PackedFeed.Collection)]
public sealed class TemplateTests(PackedFeed feed)
{
    [Fact]
    public void What_the_template_trains_adds()
    {
        var folder = feed.FromTemplate("Sums");
        Assert.All(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain("MinRnnApp", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.All(
            Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories).SelectMany(file => XDocument.Load(file).Descendants("PackageReference"))
                .Where(reference => reference.Attribute("Include")!.Value.StartsWith("MinRnnGen", StringComparison.Ordinal)),
            reference => Assert.Equal(PackedFeed.Version, reference.Attribute("Version")!.Value));

        Assert.Contains("There is no model.safetensors here", Dotnet.Run(folder, "run", "--project", "Run").Fails().Output, StringComparison.Ordinal);
        var trained = Dotnet.Run(folder, "run", "--project", "Train").Succeeds().Output;
        Assert.DoesNotContain("warning", trained, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("step 400 of 400", trained, StringComparison.Ordinal);
        foreach (var (question, answer) in new[] { ("7+8", "15"), ("0+9", "9"), ("6+4", "10"), ("3+2", "5") })
            Assert.Equal($"{question}={answer}", Dotnet.Run(folder, "run", "--no-build", "--project", "Run", question).Succeeds().Output.Trim());
    }
}
