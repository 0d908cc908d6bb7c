using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu;

/// <summary>
/// Finds the devices of this machine and sets ILGPU up for the kernels of layers. ILGPU's simulator is never chosen: it is only
/// given where it is named, as <see cref="AcceleratorType.CPU"/>.
/// </summary>
public static class Accelerators
{
    /// <summary>
    /// Makes a context with every CUDA and OpenCL device and the simulator. Where a driver is missing there are no devices of its
    /// kind. Any other context with CUDA or OpenCL devices should come after: ILGPU looks for the drivers once a process.
    /// </summary>
    /// <param name="configure">
    /// Further settings and devices. Leave the optimisation level: at <c>O2</c> ILGPU moves loads past stores to the same place.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// On Windows' Linux, from the second context on: ILGPU is a version in which CUDA devices cannot be added once more.
    /// </exception>
    public static Context CreateContext(Action<Context.Builder>? configure = null)
    {
        DriverLibraries.MakeFindable();
        return Context.Create(builder =>
        {
            builder.DefaultCPU();
            CudaDevices.AddTo(builder);
            builder.OpenCL(OpenClDevices.IsUsable);
            configure?.Invoke(builder);
        });
    }

    /// <summary>
    /// The devices of a context without the simulator, the preferred ones first: those of CUDA, then GPUs of OpenCL, then what
    /// OpenCL makes of the processor.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static IReadOnlyList<Device> PreferredDevices(this Context context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.Devices.Where(device => device.AcceleratorType != AcceleratorType.CPU).OrderBy(Rank)];
    }

    /// <summary>Makes an accelerator of the first of <see cref="PreferredDevices"/>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    /// <exception cref="NotSupportedException">There is none; the message says what was looked for.</exception>
    public static Accelerator CreatePreferredAccelerator(this Context context) =>
        context.PreferredDevices() is [var first, ..]
            ? Create(context, first)
            : throw new NotSupportedException(
                $"{MissingDevices.Explain(AcceleratorType.Cuda)} {MissingDevices.Explain(AcceleratorType.OpenCL)} "
                + "ILGPU's simulator needs no driver, but is slow: ask for it as AcceleratorType.CPU.");

    /// <summary>Makes an accelerator of one kind: CUDA, OpenCL, or by <see cref="AcceleratorType.CPU"/> the simulator.</summary>
    /// <param name="context">The context.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="index">Which device of the kind, in the order of <see cref="PreferredDevices"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are devices of the kind, but fewer.</exception>
    /// <exception cref="NotSupportedException">There is no device of the kind; the message says what was looked for.</exception>
    public static Accelerator CreateAccelerator(this Context context, AcceleratorType kind, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(context);
        Device[] devices = [.. context.Devices.Where(device => device.AcceleratorType == kind).OrderBy(Rank)];
        if (devices.Length == 0)
            throw new NotSupportedException(MissingDevices.Explain(kind));
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, devices.Length);
        return Create(context, devices[index]);
    }

    private static Accelerator Create(Context context, Device device)
    {
        var accelerator = device.CreateAccelerator(context);
        AddressSpaces.Infer(accelerator);
        return accelerator;
    }

    /// <summary>The lower, the better; devices of one rank stay in their driver's order.</summary>
    private static int Rank(Device device) => device switch
    {
        CLDevice openCl => openCl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU) ? 2 : 1,
        _ => 0,
    };
}
