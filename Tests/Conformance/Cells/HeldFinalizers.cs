using System.Runtime.CompilerServices;

namespace MinRnn.Tests.Conformance.Cells;

/// <summary>
/// While one is open, no finalizer of the process runs. TorchSharp's operators read the handle of a scalar or a tensor and do not
/// hold the object any longer: a garbage collection that another thread brings about frees it under the native operation, once in some
/// hundred thousand operations beside a thread that allocates. The result is an error of libtorch, a wrong number, or the end of the process.
/// </summary>
internal sealed class HeldFinalizers : IDisposable
{
    private static readonly Lock Gate = new();
    private static ManualResetEventSlim? released;
    private static int open;

    private HeldFinalizers()
    {
    }

    public static HeldFinalizers Open()
    {
        lock (Gate)
        {
            if (open++ == 0)
                Park();
        }

        return new HeldFinalizers();
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--open == 0)
                released!.Set();
        }
    }

    // There is one thread for all finalizers: one that waits holds up the others.
    private static void Park()
    {
        using var parked = new ManualResetEventSlim();
        released = new ManualResetEventSlim();
        Abandon(parked, released);
        do
            GC.Collect(0);
        while (!parked.Wait(millisecondsTimeout: 10));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(ManualResetEventSlim parked, ManualResetEventSlim released) => _ = new Parking(parked, released);

    private sealed class Parking(ManualResetEventSlim parked, ManualResetEventSlim released)
    {
        ~Parking()
        {
            parked.Set();
            released.Wait();
        }
    }
}
