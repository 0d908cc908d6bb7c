namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>Expressions over single numbers, with the functions of <c>MinRnn.Ilgpu.GpuMath</c>.</summary>
internal sealed class ScalarDialect(bool isDouble) : Dialect(isDouble)
{
    public override bool ScalesByNumbers => true;

    public override string Constant(double value) => Number(value);
}
