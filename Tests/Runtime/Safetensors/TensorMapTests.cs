using MinRnn.Safetensors;

namespace MinRnn.Tests.Runtime.Safetensors;

public class TensorMapTests
{
    [Fact]
    public void A_map_has_no_rule_that_is_null()
    {
        var rule = new TensorRule("weight", "w");
        var found = Assert.Throws<ArgumentException>("Rules", () => new TensorMap(rule, null!));
        Assert.StartsWith("Rules[1] is null, wanted a rule.", found.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("Rules", () => new TensorMap(rule) with { Rules = [null!] });
        Assert.Throws<ArgumentNullException>("Rules", () => new TensorMap(null!));
        Assert.Throws<ArgumentNullException>("Rules", () => TensorMap.Identity with { Rules = null! });
    }
}
