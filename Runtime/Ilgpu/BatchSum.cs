using ILGPU;

namespace MinRnn.Ilgpu;

/// <summary>Sums the rows of a matrix [B, H], one thread a column: always in the same order, whatever the grid.</summary>
internal static class BatchSum
{
    public static void Single(ArrayView<float> rows, ArrayView<float> sum, long batch)
    {
        var channel = Grid.LongGlobalIndex.X;
        var channels = sum.Length;
        if (channel >= channels)
            return;
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var at = channel;
        long row = 0;

        // Four sums, so that four loads are under way at once.
        for (; row <= batch - 4; row += 4, at += 4 * channels)
        {
            sum0 += rows[at];
            sum1 += rows[at + channels];
            sum2 += rows[at + (2 * channels)];
            sum3 += rows[at + (3 * channels)];
        }

        for (; row < batch; row++, at += channels)
            sum0 += rows[at];
        sum[channel] = (sum0 + sum1) + (sum2 + sum3);
    }

    public static void Double(ArrayView<double> rows, ArrayView<double> sum, long batch)
    {
        var channel = Grid.LongGlobalIndex.X;
        var channels = sum.Length;
        if (channel >= channels)
            return;
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var at = channel;
        long row = 0;
        for (; row <= batch - 4; row += 4, at += 4 * channels)
        {
            sum0 += rows[at];
            sum1 += rows[at + channels];
            sum2 += rows[at + (2 * channels)];
            sum3 += rows[at + (3 * channels)];
        }

        for (; row < batch; row++, at += channels)
            sum0 += rows[at];
        sum[channel] = (sum0 + sum1) + (sum2 + sum3);
    }
}
