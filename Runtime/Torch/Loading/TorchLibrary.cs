using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using MinRnn.Kernels;
using MinRnn.Torch.Threading;

namespace MinRnn.Torch;

/// <summary>
/// Loads TorchSharp's native library on Linux distributions whose C++ runtime is older than the one it was linked with, and
/// libtorch from where the user says.
/// </summary>
/// <remarks>
/// TorchSharp's library asks for version GLIBCXX_3.4.32 of libstdc++ (GCC 13) for a single empty function that it never calls.
/// Debian 12, Ubuntu 22.04 and RHEL 9 have older ones, and there the library does not load. There, and only there, a private
/// copy with that demand made weak is loaded from the user's cache folder; the packages' own files stay as they are.
/// <para>
/// On Linux, the environment variable <c>MINRNN_LIBTORCH</c> may name a folder with libtorch's libraries to load in place of the
/// packages', such as a Python environment's <c>site-packages/torch/lib</c>. For CUDA, call
/// <c>torch.InitializeDeviceType(DeviceType.CUDA)</c> then.
/// </para>
/// </remarks>
public static class TorchLibrary
{
    /// <summary>The only TorchSharp version that this library works with: it relies on native exports of that version.</summary>
    public const string SupportedVersion = "0.107.0";

    private static readonly Lock Gate = new();
    private static bool _tried;
    private static Exception? _failure;
    private static volatile bool _adopted;

    /// <summary>
    /// Loads what has to be loaded before TorchSharp is first touched. Never throws: a failure is kept, and
    /// <see cref="EnsureLoaded"/> tells it. Meant for module initializers; further calls do nothing.
    /// </summary>
    public static void TryLoad()
    {
        lock (Gate)
        {
            if (_tried)
                return;
            _tried = true;
            try
            {
                Load();
            }
            catch (Exception exception)
            {
                _failure = exception;

                // Who names a folder wants to know: torch may well be used before a layer is, and blames something else.
                if (Environment.GetEnvironmentVariable(Loading.LinuxTorchLoader.Variable) is { Length: > 0 })
                    Console.Error.WriteLine(exception.Message);
            }
        }
    }

    /// <summary>Loads like <see cref="TryLoad"/>, and throws when that failed, now or before.</summary>
    /// <exception cref="DllNotFoundException">TorchSharp's native library cannot be loaded; the message says why.</exception>
    /// <exception cref="NotSupportedException">TorchSharp's version is not <see cref="SupportedVersion"/>.</exception>
    public static void EnsureLoaded()
    {
        TryLoad();
        if (_failure is NotSupportedException unsupported)
            ExceptionDispatchInfo.Throw(unsupported);
        if (_failure is not null)
            throw new DllNotFoundException($"TorchSharp's native library cannot be loaded: {_failure.Message}", _failure);
        AdoptThreads();
    }

    /// <summary>From the first layer or model on, kernels run on libtorch's threads.</summary>
    private static void AdoptThreads()
    {
        if (_adopted)
            return;

        // Any call loads libtorch where nothing had to be done for it above.
        _ = TorchSharp.torch.get_num_threads();
        lock (Gate)
        {
            if (!_adopted)
                Workers.Team ??= OpenMpTeam.Find();
            _adopted = true;
        }
    }

    // On its own, so that a missing TorchSharp.dll surfaces inside the caller's try block.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load()
    {
        RequireSupportedVersion(typeof(TorchSharp.torch).Assembly);
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
            Loading.LinuxTorchLoader.Load();
    }

    private static void RequireSupportedVersion(Assembly torchSharp)
    {
        var text = torchSharp.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? torchSharp.GetName().Version?.ToString(3)
            ?? "unknown";
        if (text.Split('+')[0] != SupportedVersion)
            throw new NotSupportedException($"TorchSharp {text} is loaded, and TorchSharp {SupportedVersion} exactly is supported.");
    }
}
