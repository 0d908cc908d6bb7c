using MinRnn.Samples.CustomCell;
using TorchSharp;
using Xunit;

namespace MinRnn.Tests.Samples;

public class CustomCellTests
{
    public CustomCellTests() => torch.manual_seed(1);

    [Fact]
    public void The_layer_agrees_with_the_method() => Assert.True(Agreement.Show());

    [Fact]
    public void The_gradient_agrees_with_differences() => Assert.True(GradientCheck.Show());
}
