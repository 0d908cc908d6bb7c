using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Generator;
using MinRnn.Generator.Diagnostics;
using MinRnn.Tests.Generator.Documentation;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>Every diagnostic: where it stands, what it says, that it can be silenced, and that no second error follows.</summary>
public class DiagnosticTests
{
    private static readonly IReadOnlyList<DiagnosticCase> Cases = [.. DiagnosticCases.All];

    public static TheoryData<int, string> Numbers
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (var i = 0; i < Cases.Count; i++)
                data.Add(i, Cases[i].ToString());
            return data;
        }
    }

    [Fact]
    public void Every_descriptor_has_a_case()
    {
        var declared = typeof(Descriptors).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!).ToList();
        Assert.Equal(declared.Select(descriptor => descriptor.Id).Order(), Cases.Select(@case => @case.Id).Distinct().Order());
        Assert.Equal(declared.Count, declared.Select(descriptor => descriptor.Id).Distinct().Count());
        Assert.Equal(declared.ToHashSet(), new DeclarationAnalyzer().SupportedDiagnostics.ToHashSet());
    }

    [Fact]
    public void Every_diagnostic_has_a_page()
    {
        var pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs", "diagnostics"), "MRNN*.md").Order(StringComparer.Ordinal).ToList();
        var index = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics", "README.md"));
        var checks = Directory.GetFiles(Path.Combine(Repository.Root, "Runtime"), "MinRnnGen*.targets", SearchOption.AllDirectories)
            .SelectMany(file => XDocument.Load(file).Descendants().Where(element => element.Attribute("Code") is not null))
            .Select(element => (Id: element.Attribute("Code")!.Value, Link: element.Attribute("HelpLink")!.Value, Title: (string?)null));
        var declared = new DeclarationAnalyzer().SupportedDiagnostics
            .Select(descriptor => (descriptor.Id, Link: descriptor.HelpLinkUri, Title: (string?)descriptor.Title.ToString()))
            .Concat(checks).OrderBy(one => one.Id, StringComparer.Ordinal).ToList();
        Assert.Equal(declared.Select(one => one.Id), pages.Select(page => Path.GetFileNameWithoutExtension(page)));
        Assert.All(declared.Zip(pages), pair =>
        {
            var title = File.ReadLines(pair.Second).First();
            Assert.EndsWith($"/docs/diagnostics/{Path.GetFileName(pair.Second)}", pair.First.Link, StringComparison.Ordinal);
            Assert.StartsWith($"# {pair.First.Id}: {pair.First.Title}", title, StringComparison.Ordinal);
            Assert.Contains($"| [{pair.First.Id}]({pair.First.Id}.md) | {title[(pair.First.Id.Length + 4)..]} |", index, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Stands_where_it_belongs_and_says_what_to_do(int number, string name)
    {
        var (@case, marked, build) = Build(number, name);
        build.AssertRan();
        var found = Assert.Single(build.Analysis, diagnostic => diagnostic.Id is not ("MRNN3001" or "MRNN3003" or "MRNN3004" or "MRNN3005" or "MRNN3006") || @case.Id == diagnostic.Id);
        Assert.Equal(@case.Id, found.Id);
        Assert.Equal(@case.Message, found.GetMessage());
        Assert.Equal(Text(marked, marked.Span), Text(marked, found.Location.SourceSpan));
        Assert.Equal(marked.Span, found.Location.SourceSpan);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Can_be_silenced_in_place(int number, string name)
    {
        var (@case, _, build) = Build(number, name, source => $"#pragma warning disable {Cases[number].Id}\n{source}");
        Assert.DoesNotContain(build.Analysis, diagnostic => diagnostic.Id == @case.Id);
        Assert.Contains(Compiler.Analyze(build.Output, withSuppressed: true), diagnostic => diagnostic.Id == @case.Id && diagnostic.IsSuppressed);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Brings_no_second_error(int number, string name)
    {
        foreach (var targets in new[] { Targets.All, Targets.Core, Targets.Core | Targets.Torch, Targets.Core | Targets.Ilgpu, Targets.Attributes })
        {
            if (!targets.HasFlag(Targets.Core) && Cases[number].Source.Contains("MinGru", StringComparison.Ordinal))
                continue;
            Build(number, name, targets: targets).Build.AssertAddsNoError();
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Code_that_uses_the_type_still_compiles(int number, string name)
    {
        if (!Cases[number].Stands)
            return;
        // What is valid has methods of its own cell, if any.
        var isValid = Cases[number].Id[4] >= '3';
        var (_, _, build) = Build(number, name, source => WithUse(source, isValid ? "" : UseGpu));
        var outside = Build(number, name).Build.Errors.Select(error => error.Id);
        Assert.Empty(build.Errors.Where(error => !outside.Contains(error.Id)).Select(error => error.ToString()));
    }

    private const string UseGpu =
        """

        public static class UseOfGpu
        {
            public static void Run(ILGPU.Runtime.Accelerator accelerator)
            {
                using var gpu = new Encoder.Gpu(accelerator);
                gpu.Warmup();
                gpu.Forward(accelerator.DefaultStream, 2, 3, default(ILGPU.ArrayView<float>));
            }
        }
        """;

    [Theory]
    [InlineData("=> Sigmoid(x) * h + Tann(x);")]
    [InlineData("{ float a = Tann(x); return a * h; }")]
    [InlineData("{ var a = Tann(x); return a * h + missing; }")]
    [InlineData("=> Sigmoid(x, h) * h;")]
    [InlineData("=> System.MathF.Cbrt(Tann(x)) * h;")]
    public void Nothing_is_said_of_what_CSharp_refuses(string body)
    {
        var build = Compiler.Build($"{Compiler.Usings}\n[RecurrentCell] public static partial class Tested {{ public static float Step([State] float h, float x)\n{body} }}").AssertRan();
        Assert.NotEmpty(build.Errors);
        Assert.Empty(build.Analysis.Where(found => found.Id.StartsWith("MRNN2", StringComparison.Ordinal)).Select(found => found.ToString()));
    }

    [Theory]
    [InlineData("[RecurrentLayer(typeof(Missing), InputSize = 4, HiddenSize = 4)] public partial class Encoder;")]
    [InlineData("[RecurrentLayer(typeof(MinGru), InputSize = Missing, HiddenSize = 4)] public partial class Encoder;")]
    [InlineData("[RecurrentLayer] public partial class Encoder;")]
    [InlineData("[SequenceModel(typeof(MinGru), VocabularySize = Missing, Width = \"4\")] public partial class Model;")]
    [InlineData("[RecurrentCell] public static partial class Tested { public static float Step([Stat] float h, float x) => h * x; }")]
    [InlineData("[RecurrentCell] public static partial class Tested { public static flot Step([State] float h, float x) => h * x; }")]
    [InlineData("[RecurrentCell] public static partial class Tested { public static float Step([State] flot h, float x) => x; }")]
    public void Nor_of_a_declaration_that_CSharp_refuses(string source)
    {
        var build = Compiler.Build(Compiler.Usings + source).AssertAddsNoError();
        Assert.NotEmpty(build.Errors);
        Assert.Empty(build.Analysis.Select(found => found.ToString()));
    }

    [Theory]
    [InlineData("[State] double h, float x")]
    [InlineData("[State] in float h, float x")]
    public void A_parameter_that_cannot_be_one_is_the_only_thing_wrong(string parameters)
    {
        var build = Compiler.Build($"{Compiler.Usings}[RecurrentCell] public static partial class Tested {{ public static float Step({parameters}) => x; }}").AssertRan();
        Assert.Equal(["MRNN2004"], build.Analysis.Select(found => found.Id));
    }

    /// <summary>The type in use; around a cell, a layer of it.</summary>
    private static string WithUse(string source, string useOfLayer)
    {
        const string UseLayer =
            """

            public static class Use
            {
                public static TorchSharp.torch.Tensor Run(TorchSharp.torch.Tensor x)
                {
                    var layer = new Encoder();
                    var (y, last) = layer.call(x);
                    (y, last) = layer.call(x, last);
                    return layer.step(y, last).Item1;
                }

                public static void Deploy() => Encoder.Inference.Load("path").Step(new float[1], new float[2], new float[3]);
            }
            """;
        const string UseModel =
            """

            public static class Use
            {
                public static TorchSharp.torch.Tensor Run(TorchSharp.torch.Tensor x) => new Model(layers: 2, device: null).call(x);

                public static void Deploy() => Model.Inference.Load("path").Generate(new[] { 1 }, new() { Temperature = 0 });
            }
            """;
        if (source.Contains("class Model", StringComparison.Ordinal))
            return source + UseModel;
        return (source.Contains("class Encoder", StringComparison.Ordinal) ? source : Cells.WithLayer(source).Replace("TestedLayer", "Encoder")) + UseLayer + useOfLayer;
    }

    private static (DiagnosticCase Case, Marked Marked, Build Build) Build(
        int number, string name, Func<string, string>? edit = null, Targets targets = Targets.All)
    {
        var @case = Cases[number];
        Assert.Equal(name, @case.ToString());
        var marked = Marked.Parse(Compiler.Usings + @case.Source);
        var source = edit is null ? marked.Text : edit(marked.Text.Substring(Compiler.Usings.Length));
        if (edit is not null)
            source = Compiler.Usings + source;
        var compilation = Compiler.Compilation(source, targets, @case.Language, @case.Optimization);
        if (@case.Packaged is { } packaged)
            compilation = compilation.AddReferences(Compiler.Compilation(packaged, targets, assembly: "Packaged").ToMetadataReference());
        return (@case, marked, Compiler.Build(compilation));
    }

    private static string Text(Marked marked, Microsoft.CodeAnalysis.Text.TextSpan span) => marked.Text.Substring(span.Start, span.Length);
}
