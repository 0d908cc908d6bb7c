using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu;

/// <summary>
/// Lets ILGPU use OpenCL devices without a generic address space, which is optional since OpenCL 3.0. ILGPU refuses them, for its
/// pointers are generic where it does not infer their address space, and at its default level it infers none of a kernel's
/// parameters. Here it does (<see cref="AddressSpaces"/>). A kernel with a pointer that stays generic does not compile on such a device.
/// </summary>
internal static class OpenClDevices
{
    private static readonly PropertyInfo? Generic =
        AddressSpaces.Find<bool>(typeof(CLCapabilityContext), nameof(CLCapabilityContext.GenericAddressSpace));

    /// <summary>Why devices without a generic address space cannot be used, or null where they can.</summary>
    public static string? Obstacle { get; } = (Generic, AddressSpaces.CanBeInferred) switch
    {
        (null, _) => Lacks("CLCapabilityContext.GenericAddressSpace"),
        (_, false) => Lacks(AddressSpaces.Passes),
        _ => null,
    };

    /// <summary>Whether ILGPU can be used on a device, after it has been made usable where that is possible.</summary>
    public static bool IsUsable(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
            return false;
        if (!device.Capabilities.GenericAddressSpace && Obstacle is null)
            Generic!.SetValue(device.Capabilities, true);
        return device.Capabilities.GenericAddressSpace;
    }

    private static string Lacks(string property) =>
        $"ILGPU {typeof(Context).Assembly.GetName().Version} has no {property} to set, "
        + "so that devices without a generic address space are left out";
}
