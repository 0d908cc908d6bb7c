using System.Runtime.CompilerServices;
using MinRnn.Kernels;

namespace MinRnn.Tests.Runtime;

/// <summary>Offsets of tensors beyond 2³¹ elements, without such a tensor: on the arithmetic and on addresses.</summary>
public class AddressTests
{
    [Theory]
    [InlineData(3_000_000, 4096, 12_288_000_000)]
    [InlineData(int.MaxValue, 3, 6_442_450_941)]
    [InlineData(0, 5, 0)]
    public void OffsetsCountIn64Bits(long row, int width, long elements) => Assert.Equal(elements, Buffers.Offset(row, width));

    [Fact]
    public unsafe void RowsLieWhereTheirOffsetsSay()
    {
        float first = 0;
        ref var far = ref Buffers.Row(ref first, 3_000_000, 4096);
        Assert.Equal(12_288_000_000 * sizeof(float), (long)Unsafe.ByteOffset(ref first, ref far));
    }

    [Fact]
    public void ReverseRowsCountFromTheEnd()
    {
        var block = new ScanBlock<float> { Time = 5_000_000_000, Reverse = true };
        Assert.Equal(4_999_999_999, block.Row(0));
        Assert.Equal(0, block.Row(4_999_999_999));
    }
}
