using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using MinRnn.Ilgpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>What ILGPU's compiler makes of the kernels for CUDA, which needs no device.</summary>
public class PtxTests
{
    private const int Unroll = 4;

    /// <summary>Layers, and the elements that a step loads forward and backward.</summary>
    public static TheoryData<Type, int, int> Layers => new()
    {
        { typeof(GpuMinGru), 2, 4 },
        { typeof(GpuMinLstm), 3, 5 },
        { typeof(GpuLogMinGru), 2, 4 },
        { typeof(GpuOscillator), 4, 7 },
        { typeof(GpuAwkward), 2, 4 },
        { typeof(GpuReverse), 2, 4 },
        { typeof(GpuBidirectional), 4, 7 },
        { typeof(GpuDouble), 4, 7 },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void LoadsOfARoundComeFirst(Type layer, int forward, int backward)
    {
        foreach (var (kernel, loads) in new[] { ("Forward", forward), ("Backward", backward) })
        {
            foreach (var architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 })
            {
                var text = Compile(layer, kernel, architecture);
                Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
                Assert.DoesNotContain("call", text, StringComparison.Ordinal);

                // The blocks of the text, one of which begins the round.
                var rounds = text.Split("\n\tL_").Where(block => Count(block, "\tld.f") >= loads * Unroll).ToList();
                var round = Assert.Single(rounds);
                Assert.Equal(loads * Unroll, Count(round, "\tld.f"));
                var store = round.IndexOf("\tst.", StringComparison.Ordinal);
                Assert.True(store < 0 || round.LastIndexOf("\tld.", StringComparison.Ordinal) < store, "A load stands after a store.");
            }
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

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Compile(Type layer, string kernel, CudaArchitecture architecture)
    {
        // File-local types have mangled names that end with their own.
        var method = layer.Assembly.GetTypes()
            .Single(type => type.Namespace == "MinRnn.Generated" && type.Name.EndsWith("__" + layer.Name + "GpuKernels", StringComparison.Ordinal))
            .GetMethod(kernel)!;
        return Compile(method, architecture);
    }

    private static string Compile(MethodInfo method, CudaArchitecture architecture)
    {
        // A compilation that fails leaves its context unusable: each has its own.
        using var context = Context.Create(builder => builder.CPU());
        using var backend = new PTXBackend(context, architecture, CudaInstructionSet.ISA_80, null!);
        var compiled = backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), new KernelSpecialization(256, null));
        return ((PTXCompiledKernel)compiled).PTXAssembly;
    }
}
