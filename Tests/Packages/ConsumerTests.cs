namespace MinRnn.Tests.Packages;

/// <summary>Fresh projects in empty folders, which install the packages and nothing of this repository.</summary>
[Collection(PackedFeed.Collection)]
public sealed class ConsumerTests(PackedFeed feed)
{
    private const string Declarations = """
        using MinRnn;

        [RecurrentLayer(typeof(MinGru), InputSize = 3, HiddenSize = 5)]
        public partial class Encoder;

        [SequenceModel(typeof(LogMinGru), VocabularySize = 11, Width = 16, Layers = 2, ConvolutionWidth = 4)]
        public partial class TextModel;
        """;

    private const string LeakyCandidate = """
        using MinRnn;
        using static MinRnn.CellMath;

        namespace Cells;

        /// <summary>A leaky candidate.</summary>
        [RecurrentCell]
        public static partial class LeakyCandidate
        {
            public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
            {
                var keep = Sigmoid(gate) * Exp(-Softplus(decay));
                return keep * h + (1 - keep) * Tanh(candidate);
            }
        }
        """;

    private static string LibTorch =>
        OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64" : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64";

    [NativeFact]
    public void What_a_console_program_trains_a_native_one_runs()
    {
        var trains = feed.Project(
            "Trains",
            // The feed of some machines lacks the lowest versions that TorchSharp names.
            $"""
            <PropertyGroup><OutputType>Exe</OutputType><NoWarn>$(NoWarn);NU1603</NoWarn><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup>
            <ItemGroup>{Reference("MinRnnGen.Torch")}<PackageReference Include="{LibTorch}" Version="2.10.0" /></ItemGroup>
            """,
            ("Declarations.cs", Declarations),
            ("Program.cs", """
                using TorchSharp;

                torch.manual_seed(1);
                using var encoder = new Encoder();
                using var optimizer = torch.optim.AdamW(encoder.parameters(), 1e-2);
                using var input = torch.randn(4, 20, 3);
                var losses = new List<float>();
                for (var step = 0; step < 30; step++)
                {
                    optimizer.zero_grad();
                    using var scope = torch.NewDisposeScope();
                    var loss = (encoder.call(input).Item1 - input.cumsum(1).mean([2], true).tanh()).square().mean();
                    loss.backward();
                    optimizer.step();
                    losses.Add(loss.item<float>());
                }

                encoder.SaveSafetensors(Path.Combine(args[0], "encoder.safetensors"));
                using var model = new TextModel();
                model.SaveSafetensors(Path.Combine(args[0], "model.safetensors"));
                var output = encoder.call(torch.ones(1, 4, 3)).Item1[0, 3, 0].item<float>();
                Console.WriteLine($"{(losses[^1] < losses[0] / 2 ? "learned" : "did not learn")} {output:F4}");
                """));
        var trained = Dotnet.Run(trains, "run", "--", trains).Succeeds().Output;
        Assert.Contains("learned ", trained, StringComparison.Ordinal);
        Assert.DoesNotContain("did not", trained, StringComparison.Ordinal);

        var runs = feed.Project(
            "Runs",
            $"""
            <PropertyGroup>
              <OutputType>Exe</OutputType><PublishAot>true</PublishAot><InvariantGlobalization>true</InvariantGlobalization>
              <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            </PropertyGroup>
            <ItemGroup>{Reference("MinRnnGen")}<Compile Include="../Trains/Declarations.cs" /></ItemGroup>
            """,
            ("Program.cs", """
                var encoder = Encoder.Inference.Load(Path.Combine(args[0], "encoder.safetensors"));
                var state = new float[Encoder.Inference.StateSize];
                var output = new float[5];
                for (var step = 0; step < 4; step++)
                    encoder.Step([1f, 1f, 1f], state, output);
                var model = TextModel.Inference.Load(Path.Combine(args[0], "model.safetensors"));
                var tokens = 0;
                foreach (var token in model.Generate([1, 2, 3], new() { Seed = 1 }))
                {
                    if (++tokens == 20)
                        break;
                }

                Console.WriteLine($"native {!System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported} {output[0]:F4} {tokens}");
                """));
        Dotnet.Run(runs, "publish", "-o", Path.Combine(runs, "published")).Succeeds();
        var program = Path.Combine(runs, "published", OperatingSystem.IsWindows() ? "Runs.exe" : "Runs");
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(program)!), file => file.EndsWith(".dll", StringComparison.Ordinal));
        var said = Dotnet.Start(runs, program, trains).Succeeds().Output.Trim();
        Assert.Equal($"native True {trained.Trim().Split(' ')[^1]} 20", said);
    }

    [Fact]
    public void A_cell_in_one_package_is_a_layer_of_another_project()
    {
        feed.Add(feed.Project(
            "Cells",
            $"<PropertyGroup><Version>1.2.3</Version><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup><ItemGroup>{Reference("MinRnnGen")}</ItemGroup>",
            ("LeakyCandidate.cs", LeakyCandidate)));
        var uses = feed.Project(
            "Uses",
            $"""
            <PropertyGroup><OutputType>Exe</OutputType><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup>
            <ItemGroup>{Reference("MinRnnGen.Ilgpu")}<PackageReference Include="Cells" Version="1.2.3" /></ItemGroup>
            """,
            ("Program.cs", """
                using ILGPU;
                using ILGPU.Runtime;
                using ILGPU.Runtime.CPU;

                // A packaged cell is itself plain C#.
                Console.WriteLine($"{Cells.LeakyCandidate.Step(0.5f, 0, 1, 1):F4}");
                using var context = Context.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)).EnableAlgorithms());
                using var accelerator = context.CreateCPUAccelerator(0);
                using var gpu = new Leaky.Gpu(accelerator);
                using var preactivations = accelerator.Allocate1D([0f, 0f, 0f, 0f, 1f, 1f, 1f, 1f]);
                using var decay = accelerator.Allocate1D([1f, 1f, 1f, 1f]);
                using var initial = accelerator.Allocate1D([0.5f, 0.5f, 0.5f, 0.5f]);
                using var output = accelerator.Allocate1D<float>(4);
                using var final = accelerator.Allocate1D<float>(4);
                gpu.Forward(accelerator.DefaultStream, preactivations.View, decay.View, initial.View, output.View, final.View, 1, 1);
                Console.WriteLine($"{output.GetAsArray1D()[3]:F4}");

                [MinRnn.RecurrentLayer(typeof(Cells.LeakyCandidate), InputSize = 2, HiddenSize = 4)]
                public partial class Leaky;
                """));
        var lines = Dotnet.Run(uses, "run").Succeeds().Output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(lines[0], lines[1]);
    }

    [Fact]
    public void An_old_SDK_and_an_old_framework_are_told_what_is_needed()
    {
        var old = feed.Project("OldSdk", $"<ItemGroup>{Reference("MinRnnGen")}</ItemGroup>", ("Declarations.cs", Declarations));
        var sdk = Dotnet.Run(old, "build", "-p:NETCoreSdkVersion=9.0.305").Fails().Output;
        Assert.Contains("error MRNN4001: MinRnnGen needs the .NET SDK 10.0.100 or later, and this build runs on 9.0.305.", sdk, StringComparison.Ordinal);

        foreach (var package in new[] { "MinRnnGen", "MinRnnGen.Torch" })
        {
            var framework = feed.Project(
                $"OldFramework{package}",
                $"<PropertyGroup><TargetFramework>netstandard2.0</TargetFramework><ImplicitUsings>disable</ImplicitUsings><LangVersion>14</LangVersion></PropertyGroup><ItemGroup>{Reference(package)}</ItemGroup>",
                ("Declarations.cs", Declarations));
            Assert.Contains(
                $"error MRNN4002: MinRnnGen needs a project for net10.0 or later, and OldFramework{package} is for netstandard2.0.",
                Dotnet.Run(framework, "build").Fails().Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_program_without_libtorch_is_told_which_package_to_add()
    {
        var bare = feed.Project(
            "Bare",
            $"<PropertyGroup><OutputType>Exe</OutputType><NoWarn>$(NoWarn);NU1603</NoWarn></PropertyGroup><ItemGroup>{Reference("MinRnnGen.Torch")}</ItemGroup>",
            ("Declarations.cs", Declarations), ("Program.cs", "System.Console.WriteLine();"));
        Assert.Contains("warning MRNN4003: Bare uses TorchSharp and has no libtorch", Dotnet.Run(bare, "build").Succeeds().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("MRNN4003", Dotnet.Run(bare, "build", "-p:MinRnnLibTorch=false").Succeeds().Output, StringComparison.Ordinal);
    }

    private static string Reference(string package) => $"<PackageReference Include=\"{package}\" Version=\"{PackedFeed.Version}\" />";
}
