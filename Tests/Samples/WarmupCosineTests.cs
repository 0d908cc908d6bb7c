using MinRnn.Samples.Common;
using Xunit;

namespace MinRnn.Tests.Samples;

public class WarmupCosineTests
{
    private static readonly WarmupCosine Schedule = new(Peak: 0.005, WarmUp: 100, Steps: 4000, FinalShare: 0.1);

    [Theory]
    [InlineData(0, 0.00005)]
    [InlineData(49, 0.0025)]
    [InlineData(99, 0.005)]
    [InlineData(100, 0.005)]
    [InlineData(2050, 0.00275)]
    [InlineData(4000, 0.0005)]
    [InlineData(5000, 0.0005)]
    public void Rises_then_falls_to_the_final_share(int step, double rate) => Assert.Equal(rate, Schedule.Rate(step), 12);

    [Fact]
    public void Falls_at_every_step_after_the_rise() =>
        Assert.All(Enumerable.Range(100, 3900), step => Assert.True(Schedule.Rate(step + 1) < Schedule.Rate(step)));

    [Fact]
    public void A_final_share_of_one_is_a_constant_rate() =>
        Assert.All(Enumerable.Range(0, 10), step => Assert.Equal(0.001, new WarmupCosine(0.001, 0, 10, 1).Rate(step)));

    [Fact]
    public void A_run_shorter_than_its_rise_has_rates() =>
        Assert.All(Enumerable.Range(0, 5), step => Assert.InRange(new WarmupCosine(0.005, 100, 5, 0.1).Rate(step), 1e-9, 0.005));
}
