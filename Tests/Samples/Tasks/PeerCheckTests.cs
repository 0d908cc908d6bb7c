using MinRnn.Bench.Peers;
using Xunit;

namespace MinRnn.Tests.Samples.Tasks;

public class PeerCheckTests
{
    [Fact]
    public void Peers_compute_what_they_are_compared_with() =>
        Assert.All(PeerCheck.Run(), check => Assert.InRange(check.Error, 0, 1e-3));
}
