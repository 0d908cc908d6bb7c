using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Tests.Conformance.Cuda;

public sealed class AssemblyResultsTests
{
    [Fact]
    public void ResultsStayInTheirRegisters() => Assert.Equal(
        Lines("mov.b64\t%rd3, __text0;", "vote.sync.ballot.b32 \t%r1, %p1, -1;", "mov.b32\t%r2, %r1;", "bra\tL_1;"),
        AssemblyResults.InRegisters(Lines(
            ".local .align 4 .b8 __local_depot0[4];",
            "mov.b64\t%rd3, __text0;",
            "mov.b64\t%rd39, __local_depot0;",
            "st.local.b32\t[%rd39], 0;",
            "vote.sync.ballot.b32 \t%r1, %p1, -1;",
            "st.local.b32\t[%rd39], %r1;",
            "ld.local.b32\t%r2, [%rd39];",
            "bra\tL_1;")));

    /// <summary>A variable of the kernel's own: an array, or one that is read elsewhere.</summary>
    [Theory]
    [InlineData("ld.local.f32\t%f2, [%rd39];")]
    [InlineData("ld.local.f32\t%f2, [%rd39+4];")]
    [InlineData("add.u64\t%rd40, %rd39, %rd1;")]
    public void OtherVariablesStay(string use)
    {
        var text = Lines(
            ".local .align 4 .b8 __local_depot1[8];",
            "mov.b64\t%rd39, __local_depot1;",
            "st.local.f32\t[%rd39], 0f00000000;",
            "st.local.f32\t[%rd39], %f1;",
            "ld.local.f32\t%f3, [%rd39];",
            "bra\tL_1;",
            use);
        Assert.Equal(text, AssemblyResults.InRegisters(text));
    }

    private static string Lines(params ReadOnlySpan<string> lines) => "\t" + string.Join("\n\t", lines) + "\n";
}
