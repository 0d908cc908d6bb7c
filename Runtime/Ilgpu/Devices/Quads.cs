using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace MinRnn.Ilgpu.Devices;

/// <summary>What accesses of four elements at once ask of memory.</summary>
internal static class Quads
{
    /// <summary>Whether the first element of every view lies at a multiple of four elements' size.</summary>
    public static bool AreAligned<T>(ReadOnlySpan<ArrayView<T>> views)
        where T : unmanaged
    {
        foreach (var view in views)
        {
            if (view.Length != 0 && view.LoadEffectiveAddressAsPtr().ToInt64() % (4 * Unsafe.SizeOf<T>()) != 0)
                return false;
        }

        return true;
    }
}
