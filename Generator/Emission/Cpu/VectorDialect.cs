namespace MinRnn.Generator.Emission.Cpu;

/// <summary>Expressions over <c>System.Numerics.Vector</c>, with the functions of <c>MinRnn.Kernels.VectorMath</c>.</summary>
internal sealed class VectorDialect(bool isDouble) : Dialect(isDouble)
{
    public override bool ScalesByNumbers => true;

    public override string Constant(double value) => value switch
    {
        0 when double.IsPositiveInfinity(1 / value) => "Lanes.Zero",
        1 => "Lanes.One",
        _ => $"Vector.Create({Number(value)})",
    };
}
