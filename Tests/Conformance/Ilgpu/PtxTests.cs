using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using Half = ILGPU.Half;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>What ILGPU's compiler makes of the kernels for CUDA, which needs no device.</summary>
public class PtxTests
{
    public static TheoryData<Type> Layers =>
    [
        typeof(GpuMinGru), typeof(GpuMinLstm), typeof(GpuLogMinGru), typeof(GpuOscillator), typeof(GpuAwkward), typeof(GpuReverse),
        typeof(GpuBidirectional), typeof(GpuDouble), typeof(GpuWide), typeof(GpuWideOscillator),
        typeof(GpuS4D), typeof(GpuSelectiveSsm), typeof(GpuVectorPair), typeof(GpuVectorDouble), typeof(GpuVectorBank), typeof(GpuVectorEnergy),
    ];

    /// <summary>Layers with quads, the steps of a round, and the elements that a step loads forward and backward.</summary>
    public static TheoryData<Type, int, int, int, int> Wide => new()
    {
        { typeof(GpuWide), 8, 2, 4, 4 },
        { typeof(GpuWideOscillator), 4, 4, 2, 7 },
    };

    private static readonly ConcurrentDictionary<(MethodInfo Method, CudaArchitecture Architecture), string> Compiled = new();

    [Theory]
    [MemberData(nameof(Layers))]
    public void EveryAccessIsGlobalAndNothingIsLocal(Type layer)
    {
        foreach (var architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
        {
            foreach (var (name, kernel) in Kernels(layer).Concat(Kernels<SequenceRows>(layer)))
            {
                var text = Compile(kernel, architecture);
                Assert.DoesNotContain("call", text, StringComparison.Ordinal);
                Assert.DoesNotMatch(@"\b(ld|st)\.(v\d\.)?[fbsu]\d", text);

                // What inline assembly returns goes through a local variable.
                if (!name.EndsWith("Chained", StringComparison.Ordinal))
                    Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Where sequences lie is read from a table of 64-bit integers; the rows of a batch need none.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void RowsOfABatchReadNoTable(Type layer)
    {
        const string Entry = @"ld\.global\.[bsu]64";
        Assert.All(Kernels(layer), kernel => Assert.DoesNotMatch(Entry, Compile(kernel.Method, CudaArchitecture.SM_80)));
        Assert.All(Kernels<SequenceRows>(layer), kernel => Assert.Matches(Entry, Compile(kernel.Method, CudaArchitecture.SM_80)));
    }

    [Theory]
    [MemberData(nameof(Wide))]
    public void LoadsOfARoundComeFirstAndAreWide(Type layer, int forwardSteps, int forward, int backwardSteps, int backward)
    {
        foreach (var (kernel, count) in new[] { ("ForwardWide", forwardSteps * forward), ("BackwardWide", backwardSteps * backward) })
        {
            foreach (var architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
            {
                var text = Compile(Kernels(layer).Single(entry => entry.Name == kernel).Method, architecture);

                // The blocks of the text, one of which begins the round.
                var round = Assert.Single(text.Split("\n\tL_"), block => Count(block, "ld.global.v4.f32") >= count);
                Assert.Equal(count, Count(round, "ld.global"));
                var store = round.IndexOf("st.global", StringComparison.Ordinal);
                Assert.True(store < 0 || round.LastIndexOf("ld.global", StringComparison.Ordinal) < store, "A load stands after a store.");
            }
        }
    }

    /// <summary>
    /// What depends on weights alone is computed before the loops: an exponential of a weight adds none to them. A group of a chained scan
    /// computes it for each of its tiles, whose channels change.
    /// </summary>
    [Fact]
    public void ExponentialsOfWeightsStandBeforeTheLoops()
    {
        // Every exponential begins with a product by log2(e).
        const string Exponential = "0f3FB8AA3B";
        var plain = Kernels(typeof(GpuPlain)).ToDictionary(entry => entry.Name, entry => entry.Method);
        var leaky = Kernels(typeof(GpuLeaky)).Where(entry => !entry.Name.StartsWith("Carry", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, leaky.Count);
        foreach (var (name, kernel) in leaky)
        {
            var (text, other) = (Compile(kernel, CudaArchitecture.SM_90), Compile(plain[name], CudaArchitecture.SM_90));
            var (all, looped) = (Count(text, Exponential), Count(Loops(text), Exponential));
            var ofTile = name.EndsWith("Chained", StringComparison.Ordinal) ? 1 : 0;
            Assert.True(looped > ofTile && looped == ofTile + Count(Loops(other), Exponential), $"{name}: {looped} in loops.");
            Assert.True(all > looped - ofTile, $"{name}: none before the loops.");
        }
    }

    /// <summary>With two bytes an element streaming threads ask for a line a round, ahead of time; others must not, for it costs more than it brings.</summary>
    [Fact]
    public void LinesAreAskedForAheadOfTwoBytesAlone()
    {
        var layer = (LayerKernels<float>)IlgpuBackend.Describe(typeof(GpuMinGru)).Device!;
        foreach (var (table, lines) in new (object, int)[] { (layer.TableOf<float, BatchRows>(), 0), (layer.TableOf<Half, BatchRows>(), 1), (layer.TableOf<BFloat16, BatchRows>(), 1) })
        {
            foreach (var (name, kernel) in Named(table))
            {
                var text = Compile(kernel, CudaArchitecture.SM_80);
                var wanted = name is "Forward" or "Backward" ? lines : 0;
                Assert.Equal(wanted, Count(Loops(text), "prefetch.global.L2"));
                Assert.Equal(wanted, Count(text, "prefetch.global.L2"));
            }
        }
    }

    /// <summary>A number is rounded to bfloat16 by one instruction.</summary>
    [Fact]
    public void BFloat16IsRoundedByTheDevice()
    {
        var layer = (LayerKernels<float>)IlgpuBackend.Describe(typeof(GpuMinGru)).Device!;
        var text = Compile(layer.TableOf<BFloat16, BatchRows>().Forward.Method, CudaArchitecture.SM_80);
        Assert.Contains("cvt.rn.bf16.f32", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cvt.rn.bf16.f32", Compile(layer.TableOf<float, BatchRows>().Forward.Method, CudaArchitecture.SM_80), StringComparison.Ordinal);
    }

    /// <summary>A division that rounds correctly branches to a slow path, in the midst of arithmetic that should overlap.</summary>
    [Fact]
    public void DivisionsOfSinglePrecisionDoNotBranch()
    {
        var kernel = ((Action<ArrayView<float>>)Divided).Method;
        Assert.Matches(@"\brn\.f32|\.rn\.f32", Compile(kernel, CudaArchitecture.SM_80));
        var text = MinRnn.Ilgpu.Cuda.PtxCompiler.Compile(kernel, 64);
        Assert.DoesNotMatch(@"(div|rcp|sqrt)\.rn\.f32", text);
        Assert.Matches(@"div\.full\.f32[\s\S]*rcp\.approx\.ftz\.f32[\s\S]*sqrt\.approx\.f32", text);

        static void Divided(ArrayView<float> x)
        {
            x[0] = x[1] / x[2];
            x[3] = GpuMath.Sigmoid(x[4]);
            x[5] = GpuMath.Sqrt(x[6]);
        }
    }

    /// <summary>ILGPU turns comparisons with a constant on the left into ones that hold for NaN: the functions must not.</summary>
    [Fact]
    public void NanIsNeitherLessNorBounded()
    {
        Assert.Contains("testp.notanumber.f32", Compile(((Delegate)Conditional).Method, CudaArchitecture.SM_90), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"setp\.[a-z]+u\.f32|min\.f32|max\.f32", Compile(((Delegate)Bounded).Method, CudaArchitecture.SM_90));

        static void Conditional(ArrayView<float> x) => x[0] = GpuMath.Select(GpuMath.Less(0.5f, x[0]), 1f, 2f);

        static void Bounded(ArrayView<float> x) => x[0] = GpuMath.Clamp(x[0], -1f, 1f) + GpuMath.Relu(x[1]) + GpuMath.Exp(x[2]) + GpuMath.Tanh(x[3]);
    }

    /// <summary>The lines of a kernel from which a branch leads back.</summary>
    private static string Loops(string text)
    {
        var lines = text.Split('\n');
        var labels = lines.Select((line, at) => (Label: line.Trim().TrimEnd(':'), at)).Where(entry => lines[entry.at].TrimEnd().EndsWith(':'))
            .ToDictionary(entry => entry.Label, entry => entry.at);
        var isLooped = new bool[lines.Length];
        for (var at = 0; at < lines.Length; at++)
        {
            var target = System.Text.RegularExpressions.Regex.Match(lines[at], @"\bbra(\.uni)?\s+(\w+);").Groups[2].Value;
            if (target.Length > 0 && labels[target] < at)
                Array.Fill(isLooped, true, labels[target], at - labels[target]);
        }

        return string.Join('\n', lines.Where((_, at) => isLooped[at]));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>The kernels of a layer for elements of the precision of its arithmetic.</summary>
    private static IEnumerable<(string Name, MethodInfo Method)> Kernels(Type layer) => Kernels<BatchRows>(layer);

    private static IEnumerable<(string Name, MethodInfo Method)> Kernels<TRows>(Type layer)
        where TRows : struct, IScanRows => IlgpuBackend.Describe(layer).Device switch
        {
            LayerKernels<double> real => Named(real.TableOf<double, TRows>()),
            LayerKernels<float> real => Named(real.TableOf<float, TRows>()),
            _ => throw new InvalidOperationException("The layer has no kernels for devices."),
        };

    private static IEnumerable<(string Name, MethodInfo Method)> Named(object table) => table.GetType().GetProperties()
        .SelectMany(property => property.GetValue(table) switch
        {
            Delegate kernel => [(property.Name, kernel.Method)],
            { } split when property.Name is "Wide" or "TimeParallel" or "Tiled" => Named(split),
            _ => Array.Empty<(string, MethodInfo)>(),
        });

    private static string Compile(MethodInfo method, CudaArchitecture architecture) =>
        Compiled.GetOrAdd((method, architecture), key => CompileNow(key.Method, key.Architecture));

    private static string CompileNow(MethodInfo method, CudaArchitecture architecture)
    {
        // A compilation that fails leaves its context unusable: each has its own.
        using var context = Context.Create(builder => builder.CPU());
        using var backend = new PTXBackend(context, architecture, CudaInstructionSet.ISA_80, null!);
        AddressSpaces.Infer(backend);
        var compiled = backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), new KernelSpecialization(256, null));
        return ((PTXCompiledKernel)compiled).PTXAssembly;
    }
}
