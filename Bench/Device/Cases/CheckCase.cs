using MinRnn.Ilgpu.Scans;

namespace MinRnn.Bench.Device;

/// <summary>One layer by one strategy, forward and backward, against the layer of double precision on the CPU.</summary>
internal static class CheckCase
{
    public static CaseResult Run(BenchDevice device, Case item)
    {
        var layer = LayerCatalog.KernelsOf(item.Layer);
        var kernels = layer.On(device.Cuda, item.Element, item.Strategy);
        var tensors = new Tensors(layer.Shape, item.Element, item.Batch, item.Time);
        var expected = tensors.Reference(LayerCatalog.ReferenceOf(item.Layer).Kernels);
        var actual = tensors.On(device, kernels);
        var (error, tensor) = tensors.ErrorOf(actual, expected);
        if (!(error < Elements.Bound(item.Element)))
            return new CaseResult(item.ToString(), Outcome.Wrong, $"the {tensor} is off", error);

        // Where groups race, timing must not show in the bits.
        return item.Strategy == ScanStrategy.Chained && !actual.Zip(tensors.On(device, kernels), (x, y) => x.AsSpan().SequenceEqual(y)).All(isSame => isSame)
            ? new CaseResult(item.ToString(), Outcome.Wrong, "a second run gave other bits", error)
            : new CaseResult(item.ToString(), Outcome.Good, tensor, error);
    }
}
