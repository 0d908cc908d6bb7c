using MinRnn.Ilgpu;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance;

/// <summary>Types of elements in tests: what rounds to them, and what error their rounding explains.</summary>
internal static class Elements
{
    /// <summary>The largest error over the largest value of a tensor.</summary>
    public static double Bound(ElementType element) => element switch
    {
        ElementType.Double => 1e-13,
        ElementType.Single => 2e-5,
        ElementType.Half => 2e-3,
        _ => 1.6e-2,
    };

    /// <summary>The same input, each number rounded to the nearest of the type.</summary>
    public static ScanInput Round(ScanInput input, ElementType element) => input with
    {
        Preactivations = Round(input.Preactivations, element)!,
        Parameters = [.. Round(input.Parameters, element)!],
        Input = Round(input.Input, element)!,
        InitialState = Round(input.InitialState, element),
        OutputGradient = Round(input.OutputGradient, element),
        FinalStateGradient = Round(input.FinalStateGradient, element),
    };

    private static double[]? Round(double[]? values, ElementType element) => values is null ? null : element switch
    {
        ElementType.Half => Array.ConvertAll(values, value => (double)(Half)value),
        ElementType.BFloat16 => Array.ConvertAll(values, value => (double)((BFloat16)(float)value).ToSingle()),
        _ => values,
    };
}
