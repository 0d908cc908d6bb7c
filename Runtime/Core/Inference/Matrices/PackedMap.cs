using System.Numerics;
using System.Runtime.Intrinsics;
using MinRnn.Safetensors;

namespace MinRnn.Inference.Matrices;

/// <summary>A linear map with weights of one format.</summary>
/// <inheritdoc cref="LinearMap{T}"/>
internal sealed unsafe class PackedMap<T, TFormat> : LinearMap<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFormat : struct, IWeightFormat<T>
{
    private readonly NativeBuffer<byte> weights;
    private readonly NativeBuffer<T> scales;
    private readonly NativeBuffer<T> bias;

    /// <summary>A map whose panels are still to be written.</summary>
    /// <param name="rows">Rows of the matrix, N.</param>
    /// <param name="columns">Its columns, K.</param>
    /// <param name="bias">[N], or none.</param>
    public PackedMap(long rows, long columns, IParameter? bias)
        : base(rows, columns)
    {
        var padded = FirstRow(Panels);
        weights = new NativeBuffer<byte>((long)padded * Columns * TFormat.Bytes, isZero: false);
        scales = new NativeBuffer<T>(padded);
        this.bias = new NativeBuffer<T>(padded);
        bias?.Read(0, new Span<T>(this.bias.Start, Rows));
    }

    /// <summary>The factors of the outputs, where the format has them.</summary>
    public T* Scales => scales.Start;

    private static bool HasWideVectors => Vector512.IsHardwareAccelerated && Vector<byte>.Count == Vector256<byte>.Count;

    /// <summary>The first weight of a panel, of which every column's stand together.</summary>
    public byte* PanelStart(int panel) => weights.Start + ((long)FirstRow(panel) * Columns * TFormat.Bytes);

    /// <inheritdoc/>
    public override void Multiply(in Product<T> product, int firstPanel, int endPanel)
    {
        var (number, wide) = (firstPanel, int.Min(endPanel, WidePanels));
        if (product.Count == 1)
        {
            for (; number + 1 < wide; number += 2)
                PanelKernels<T, TFormat>.TwoWideByOne(At(product, number), At(product, number + 1), product.Input, product.Output + FirstRow(number));
        }

        for (; number < endPanel; number++)
        {
            var panel = At(product, number);
            T* x = product.Input, y = product.Output + FirstRow(number);
            if (number < wide)
                MultiplyWide(panel, x, y, product.Count);
            else
                MultiplyNarrow(panel, x, y, product.Count, int.Min(Vector<T>.Count, Rows - FirstRow(number)));
        }

        GC.KeepAlive(this);
    }

    private static void MultiplyWide(in Panel<T> panel, T* x, T* y, int count)
    {
        for (; HasWideVectors && count >= 6; count -= 6, x += 6 * panel.InputStride, y += 6 * panel.OutputStride)
            PanelKernels<T, TFormat>.WideBySix(panel, x, y);
        for (; count >= 3; count -= 3, x += 3 * panel.InputStride, y += 3 * panel.OutputStride)
            PanelKernels<T, TFormat>.WideByThree(panel, x, y);
        for (; count > 0; count--, x += panel.InputStride, y += panel.OutputStride)
            PanelKernels<T, TFormat>.WideByOne(panel, x, y);
    }

    private static void MultiplyNarrow(in Panel<T> panel, T* x, T* y, int count, int lanes)
    {
        for (; count > 0; count--, x += panel.InputStride, y += panel.OutputStride)
            PanelKernels<T, TFormat>.Narrow(panel, x, y, lanes);
    }

    private Panel<T> At(in Product<T> product, int panel) => new()
    {
        Weights = PanelStart(panel),
        Scales = scales.Start + FirstRow(panel),
        Bias = bias.Start + FirstRow(panel),
        Columns = Columns,
        InputStride = product.InputStride,
        OutputStride = product.OutputStride,
        Adds = product.Adds,
    };
}
