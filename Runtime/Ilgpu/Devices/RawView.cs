using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Ilgpu.Devices;

/// <summary>A view of a device's memory by its address: what an ILGPU view becomes among the parameters of a compiled kernel.</summary>
/// <param name="Address">The address of the first element.</param>
/// <param name="Length">The elements.</param>
[SuppressMessage("Naming", "CA1720", Justification = "The field's word.")]
public readonly record struct RawView(long Address, long Length);
