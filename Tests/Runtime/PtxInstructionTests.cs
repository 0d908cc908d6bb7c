using MinRnn.Tests.PtxMachine;
using MinRnn.Tests.PtxMachine.Memory;

namespace MinRnn.Tests.Runtime;

/// <summary>Single instructions, and what the machine says of texts and kernels that are wrong.</summary>
public sealed class PtxInstructionTests : IDisposable
{
    private readonly Machine machine = new();

    public void Dispose() => machine.Dispose();

    /// <summary>Instructions with %a and %b as sources and %d as destination, and the bits that they give.</summary>
    public static TheoryData<string, ulong, ulong, ulong> Words => new()
    {
        { "add.s32 %d, %a, %b;", 0xFFFF_FFFF, 2, 1 },
        { "sub.s32 %d, %a, %b;", 1, 2, 0xFFFF_FFFF },
        { "mul.lo.s32 %d, %a, %b;", 0x10000, 0x10001, 0x10000 },
        { "mul.hi.u32 %d, %a, %b;", 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFE },
        { "mul.hi.s32 %d, %a, %b;", 0xFFFF_FFFF, 2, 0xFFFF_FFFF },
        { "mad.lo.s32 %d, %a, %b, 7;", 3, 5, 22 },
        { "div.s32 %d, %a, %b;", 0xFFFF_FFF9, 2, 0xFFFF_FFFD },
        { "div.s32 %d, %a, %b;", 0x8000_0000, 0xFFFF_FFFF, 0x8000_0000 },
        { "div.u32 %d, %a, %b;", 7, 0, 0xFFFF_FFFF },
        { "rem.s32 %d, %a, %b;", 0xFFFF_FFF9, 2, 0xFFFF_FFFF },
        { "abs.s32 %d, %a;", 0xFFFF_FFF9, 0, 7 },
        { "neg.s32 %d, %a;", 7, 0, 0xFFFF_FFF9 },
        { "min.s32 %d, %a, %b;", 0xFFFF_FFFF, 2, 0xFFFF_FFFF },
        { "min.u32 %d, %a, %b;", 0xFFFF_FFFF, 2, 2 },
        { "and.b32 %d, %a, %b;", 12, 10, 8 },
        { "not.b32 %d, %a;", 0, 0, 0xFFFF_FFFF },
        { "shl.b32 %d, %a, %b;", 1, 32, 0 },
        { "shl.b32 %d, %a, %b;", 1, 31, 0x8000_0000 },
        { "shr.s32 %d, %a, %b;", 0x8000_0000, 40, 0xFFFF_FFFF },
        { "shr.u32 %d, %a, %b;", 0x8000_0000, 40, 0 },
        { "popc.b32 %d, %a;", 0xF0F0, 0, 8 },
        { "clz.b32 %d, %a;", 1, 0, 31 },
        { "bfind.u32 %d, %a;", 0x400, 0, 10 },
        { "brev.b32 %d, %a;", 1, 0, 0x8000_0000 },
        { "bfe.u32 %d, %a, 4, 8;", 0xABCD, 0, 0xBC },
        { "bfe.s32 %d, %a, 4, 8;", 0xABCD, 0, 0xFFFF_FFBC },
        { "bfi.b32 %d, %a, %b, 8, 4;", 0xFF, 0, 0xF00 },
        { "prmt.b32 %d, %a, %b, 0x7410;", 0x44332211, 0x88776655, 0x88552211 },
        { "lop3.b32 %d, %a, %b, %a, 0x3c;", 12, 10, 6 },
        { "shf.l.wrap.b32 %d, %a, %b, 8;", 0x12345678, 0xABCDEF01, 0xCDEF0112 },
        { "selp.b32 %d, %a, %b, %q;", 5, 6, 6 },
        { "cvt.s32.s8 %d, %a;", 0x1FF, 0, 0xFFFF_FFFF },
        { "cvt.u32.u16 %d, %a;", 0x12345, 0, 0x2345 },
        { "cvt.sat.u8.s32 %d, %a;", 300, 0, 255 },
    };

    /// <summary>The same of single precision.</summary>
    public static TheoryData<string, float, float, float> Singles => new()
    {
        { "add.f32 %d, %a, %b;", 1, 1e-8f, 1 },
        { "fma.rn.f32 %d, %a, %b, 0fBF800000;", 1.0000001f, 1.0000001f, 2.3841858e-7f },
        { "mul.ftz.f32 %d, %a, %b;", 1e-30f, 1e-10f, 0 },
        { "mul.f32 %d, %a, %b;", 1e-30f, 1e-10f, 1e-40f },
        { "add.sat.f32 %d, %a, %b;", 1, 1, 1 },
        { "min.f32 %d, %a, %b;", float.NaN, 2, 2 },
        { "max.f32 %d, %a, %b;", 1, float.NaN, 1 },
        { "max.NaN.f32 %d, %a, %b;", 1, float.NaN, float.NaN },
        { "abs.f32 %d, %a;", -0f, 0, 0 },
        { "neg.f32 %d, %a;", 0, 0, -0f },
        { "copysign.f32 %d, %a, %b;", -1, 3, -3 },
        { "div.rn.f32 %d, %a, %b;", 1, 3, 1f / 3 },
        { "rcp.rn.f32 %d, %a;", 3, 0, 1f / 3 },
        { "sqrt.rn.f32 %d, %a;", 2, 0, 1.4142135f },
        { "rsqrt.approx.f32 %d, %a;", 4, 0, 0.5f },
        { "ex2.approx.f32 %d, %a;", 0.5f, 0, 1.4142135f },
        { "ex2.approx.ftz.f32 %d, %a;", -130, 0, 0 },
        { "lg2.approx.f32 %d, %a;", 8, 0, 3 },
        { "tanh.approx.f32 %d, %a;", 0.5f, 0, 0.46211716f },
        { "sin.approx.f32 %d, %a;", 1, 0, 0.84147098f },
        { "cvt.rni.f32.f32 %d, %a;", 2.5f, 0, 2 },
        { "cvt.rn.f32.s32 %d, 16777217;", 0, 0, 16777216 },
        { "cvt.rn.f32.u64 %d, 18446744073709551615;", 0, 0, 18446744073709551616f },
    };

    public static TheoryData<string, float, float, bool> Comparisons => new()
    {
        { "eq", 1, 1, true },
        { "ne", 1, float.NaN, false },
        { "neu", 1, float.NaN, true },
        { "lt", 1, 2, true },
        { "lt", float.NaN, 2, false },
        { "ltu", float.NaN, 2, true },
        { "leu", 3, 2, false },
        { "equ", 3, 2, false },
        { "equ", 3, float.NaN, true },
        { "geu", 3, 2, true },
        { "gtu", 2, 2, false },
        { "num", 2, 2, true },
        { "nan", 2, float.NaN, true },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void IntegersAreComputed(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.Equal(expected, Run("b32", "b32", instruction, (uint)a, (uint)b));

    [Theory]
    [MemberData(nameof(Singles))]
    public void SinglesAreRounded(string instruction, float a, float b, float expected)
    {
        var bits = Run("f32", "f32", instruction, BitConverter.SingleToUInt32Bits(a), BitConverter.SingleToUInt32Bits(b));
        Assert.Equal(expected, BitConverter.UInt32BitsToSingle((uint)bits));
    }

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void ComparisonsKnowNaN(string comparison, float a, float b, bool expected)
    {
        var instruction = $"setp.{comparison}.f32 %q, %a, %b;\n selp.f32 %d, 0f3F800000, 0f00000000, %q;";
        var bits = Run("f32", "f32", instruction, BitConverter.SingleToUInt32Bits(a), BitConverter.SingleToUInt32Bits(b));
        Assert.Equal(expected ? 0x3F800000u : 0, bits);
    }

    [Theory]
    [InlineData("cvt.rzi.s32.f32 %d, %a;", -2.7f, 0xFFFF_FFFEu)]
    [InlineData("cvt.rni.s32.f32 %d, %a;", 2.5f, 2u)]
    [InlineData("cvt.rmi.s32.f32 %d, %a;", -2.1f, 0xFFFF_FFFDu)]
    [InlineData("cvt.rpi.s32.f32 %d, %a;", 2.1f, 3u)]
    [InlineData("cvt.rzi.u32.f32 %d, %a;", -5f, 0u)]
    [InlineData("cvt.rzi.s32.f32 %d, %a;", 1e20f, 0x7FFF_FFFFu)]
    [InlineData("cvt.rzi.s32.f32 %d, %a;", float.NaN, 0u)]
    public void SinglesBecomeIntegers(string instruction, float a, uint expected) =>
        Assert.Equal(expected, Run("b32", "f32", instruction, BitConverter.SingleToUInt32Bits(a), 0));

    [Theory]
    [InlineData("mul.wide.s32 %d, %a, %b;", 0xFFFF_FFFFu, 3u, 0xFFFF_FFFF_FFFF_FFFDul)]
    [InlineData("mul.wide.u32 %d, %a, %b;", 0xFFFF_FFFFu, 3u, 0x2_FFFF_FFFDul)]
    [InlineData("mad.wide.u32 %d, %a, %b, 1;", 0xFFFF_FFFFu, 3u, 0x2_FFFF_FFFEul)]
    [InlineData("cvt.s64.s32 %d, %a;", 0xFFFF_FFFFu, 0u, ulong.MaxValue)]
    [InlineData("cvt.u64.u32 %d, %a;", 0xFFFF_FFFFu, 0u, 0xFFFF_FFFFul)]
    [InlineData("mov.b64 %d, {%a, %b};", 1u, 2u, 0x2_0000_0001ul)]
    [InlineData("shl.b64 %d, 1, %a;", 63u, 0u, 1ul << 63)]
    public void WideResultsAreWhole(string instruction, uint a, uint b, ulong expected) =>
        Assert.Equal(expected, Run("b64", "b32", instruction, a, b));

    [Theory]
    [InlineData("add.s32 %d, %a, %none;", "Register '%none' is not declared.")]
    [InlineData("add.rz.f32 %d, %a, %b;", "'add' with '.rz' is not supported.")]
    [InlineData("wgmma.fence;", "Instruction 'wgmma' is not supported.")]
    [InlineData("bra L_nowhere;", "Label 'L_nowhere' is missing.")]
    [InlineData("mov.b64 %d, %a;", "A register of type .b32 stands where .b64 is wanted.")]
    public void UnknownTextsAreNamed(string instruction, string message)
    {
        var error = Assert.Throws<PtxSyntaxException>(() => Run("b32", "b32", instruction, 0, 0));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains($"Line {error.Line}: {instruction}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SharedAddressesAreGenericByConversionAlone()
    {
        const string Body = """
            .shared .align 4 .b8 s[8];
            mov.u64 %rd1, s;
            cvta.shared.u64 %rd2, %rd1;
            st.b32 [%rd2+4], %a;
            ld.shared.b32 %d, [s+4];
            """;
        Assert.Equal(77u, Run("b32", "b32", Body, 77, 0));
        Assert.Throws<PtxFaultException>(() => Run("b32", "b32", Body.Replace("[%rd2+4]", "[%rd1+4]", StringComparison.Ordinal), 77, 0));
    }

    [Fact]
    public void DeadlocksAreTold()
    {
        const string Body = """
            mov.u32 %d, %tid.x;
            setp.ne.u32 %q, %d, 0;
            @%q bra L_end;
            bar.sync 1, 64;
            L_end:
            """;
        var hang = Assert.Throws<PtxHangException>(() => Run("b32", "b32", Body, 0, 0, threads: 32));
        Assert.Contains("1 threads wait at a barrier", hang.Message, StringComparison.Ordinal);
        Assert.Contains("bar.sync 1, 64;", hang.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExitedThreadsAreNotWaitedFor()
    {
        const string Body = """
            mov.u32 %d, %laneid;
            setp.ge.u32 %q, %d, 8;
            @%q exit;
            bar.sync 0;
            shfl.sync.idx.b32 %d, %d, 7, 31, 4294967295;
            vote.sync.ballot.b32 %d, %q, 255;
            """;
        Assert.Equal(0u, Run("b32", "b32", Body, 0, 0, threads: 40));
    }

    [Fact]
    public void LoopsWithoutEndAreTold()
    {
        var options = new LaunchOptions { MaxInstructions = 1000 };
        var hang = Assert.Throws<PtxHangException>(() => Run("b32", "b32", "L_again:\n bra L_again;", 0, 0, options));
        Assert.Contains("has not ended after", hang.Message, StringComparison.Ordinal);
    }

    private ulong Run(string destination, string source, string body, uint a, uint b, LaunchOptions? options = null, int threads = 1)
    {
        var result = machine.Memory.Allocate(8, "result");
        var text = $$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry kernel(.param .b64 result, .param .b32 left, .param .b32 right)
            {
            .reg .pred %q;
            .reg .b64 %rd<9>;
            .reg .{{source}} %a, %b;
            .reg .{{destination}} %d;
            ld.param.b64 %rd8, [result];
            ld.param.{{source}} %a, [left];
            ld.param.{{source}} %b, [right];
            setp.ne.s32 %q, 0, 0;
            {{body}}
            st.global.{{destination}} [%rd8], %d;
            ret;
            }
            """;
        var entry = Assert.Single(PtxModule.Parse(text).Entries);
        machine.Launch(entry, 1, threads, [Argument.Of((long)result), Argument.Of(a), Argument.Of(b)], options);
        return DeviceMemory.View<ulong>(result, 1)[0];
    }
}
