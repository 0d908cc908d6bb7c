using ILGPU;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>A layer whose kernels do nothing of use: what reaches them is what counts.</summary>
internal sealed class FakeLayer(ScanShape shape) : SingleLayerKernels(shape)
{
    public static ScanShape MakeShape(
        int channels = 8, bool bias = true, int weights = 1, bool input = false, int states = 1, bool keepsStates = false) =>
        new(channels, 2, weights, states, bias, input, keepsStates, [.. Enumerable.Repeat(0.0, states)]);

    protected override KernelTable<ForwardArguments<ArrayView<T>, ArrayView<float>>, BackwardArguments<ArrayView<T>, ArrayView<float>>>
        Table<T, TStorage, TRows>() => new(FakeKernels.Forward<T, TStorage>, FakeKernels.Backward<T, TStorage>, new(FakeKernels.ForwardWide<T, TStorage>, FakeKernels.BackwardWide<T, TStorage>), null);
}

/// <summary>The same in double precision.</summary>
internal sealed class FakeDoubleLayer(ScanShape shape) : DoubleLayerKernels(shape)
{
    protected override KernelTable<ForwardArguments<ArrayView<double>, ArrayView<double>>, BackwardArguments<ArrayView<double>, ArrayView<double>>>
        Table<TRows>() => new(FakeKernels.ForwardDouble, FakeKernels.BackwardDouble, null, null);
}

internal static class FakeKernels
{
    public static void Forward<T, TStorage>(ForwardArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IQuadStorage<T> =>
        TStorage.Store(scan.Output, 0, TStorage.Load(scan.Preactivations, 0));

    public static void Backward<T, TStorage>(BackwardArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IQuadStorage<T> =>
        TStorage.Store(scan.PreactivationGradient, 0, TStorage.Load(scan.OutputGradient, 0));

    public static void ForwardWide<T, TStorage>(ForwardArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IQuadStorage<T> =>
        TStorage.StoreQuad(scan.Output, 0, TStorage.LoadQuad(scan.Preactivations, 0));

    public static void BackwardWide<T, TStorage>(BackwardArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IQuadStorage<T> =>
        TStorage.StoreQuad(scan.PreactivationGradient, 0, TStorage.LoadQuad(scan.OutputGradient, 0));

    public static void ForwardDouble(ForwardArguments<ArrayView<double>, ArrayView<double>> scan) => scan.Output[0] = scan.Preactivations[0];

    public static void BackwardDouble(BackwardArguments<ArrayView<double>, ArrayView<double>> scan) =>
        scan.PreactivationGradient[0] = scan.OutputGradient[0];
}
