using System.Runtime.InteropServices;

namespace MinRnn.Torch.Loading;

/// <summary>
/// Loads libtorch from a folder that the user names, and a copy of TorchSharp's library that this distribution's loader accepts,
/// where it needs one.
/// </summary>
internal static class LinuxTorchLoader
{
    public const string LibraryName = "libLibTorchSharp.so";
    public const string RuntimeIdentifier = "linux-x64";

    /// <summary>
    /// The environment variable that names a folder with libtorch's libraries, such as a Python environment's
    /// <c>site-packages/torch/lib</c>.
    /// </summary>
    public const string Variable = "MINRNN_LIBTORCH";

    /// <summary>The symbol version that older C++ runtimes lack, and the one symbol of it that the library names.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    /// <inheritdoc cref="Version"/>
    public const string Symbol = "_ZSt21ios_base_library_initv";

    private const string TorchName = "libtorch.so";

    /// <summary>Does nothing where the C++ runtime is new enough and no folder is named, or TorchSharp is not deployed as files.</summary>
    public static void Load()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            // Everything that asks for these libraries by their names later gets the loaded ones.
            foreach (var path in LibrariesIn(named, NativeFiles.Find("libtorch_cpu.so", RuntimeIdentifier)))
                NativeLibrary.Load(path);
        }

        if (RuntimeHasVersion())
            return;

        var library = NativeFiles.Find(LibraryName, RuntimeIdentifier)
            ?? throw new FileNotFoundException($"{LibraryName} is not among the application's files.");
        if (string.IsNullOrEmpty(named))
        {
            // The copy lies in another folder than libtorch, so that libtorch has to be in the process before it.
            NativeLibrary.Load(NativeFiles.Find(TorchName, RuntimeIdentifier)
                ?? throw new FileNotFoundException(
                    $"{TorchName} is not among the application's files: reference the package libtorch-cpu-{RuntimeIdentifier}, " +
                    $"or name a folder that has it in {Variable}."));
        }

        byte[] original = File.ReadAllBytes(library);
        byte[] patched;
        try
        {
            patched = SymbolVersionPatch.Apply(original, Version, Symbol);
        }
        catch (BadImageFormatException exception)
        {
            throw new BadImageFormatException(
                $"this system's C++ runtime lacks {Version}, and {library} cannot be adapted to it: {exception.Message}.", exception);
        }

        LoadCopy(original, patched);
    }

    /// <summary>What to load from a folder that the user names, in order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="deployed">The application's own libtorch_cpu.so, or null.</param>
    /// <exception cref="FileNotFoundException">The folder is not there, or has no libtorch.</exception>
    /// <exception cref="InvalidOperationException">The application has a libtorch of its own: both would be loaded.</exception>
    public static IReadOnlyList<string> LibrariesIn(string folder, string? deployed)
    {
        var torch = Path.Combine(folder, TorchName);
        if (!File.Exists(torch))
        {
            throw new FileNotFoundException(
                $"{Variable} is '{folder}', and there is no {TorchName} in it: name the folder of libtorch's libraries, such as site-packages/torch/lib.");
        }

        if (deployed is not null && !AreSame(deployed, Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new InvalidOperationException(
                $"{Variable} is '{folder}', and the application brings another libtorch along, {deployed}: both would be loaded. " +
                "Build it without (MinRnnLibTorch=false), or unset the variable.");
        }

        // The one that TorchSharp asks for when CUDA is initialised, where there is one.
        var cuda = Path.Combine(folder, "libtorch_cuda.so");
        return File.Exists(cuda) ? [torch, cuda] : [torch];
    }

    // The loader tells files by their inodes; links to one file agree in these.
    private static bool AreSame(string left, string right)
    {
        var (first, second) = (Target(left), Target(right));
        return second.Exists && first.Length == second.Length && first.LastWriteTimeUtc == second.LastWriteTimeUtc;

        static FileInfo Target(string path) => new(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
    }

    private static bool RuntimeHasVersion() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out var runtime) && NativeLibrary.TryGetExport(runtime, Symbol, out _);

    private static void LoadCopy(byte[] original, byte[] patched)
    {
        Exception? cacheFailure = null;
        if (CacheFolder.Find() is { } folder)
        {
            try
            {
                NativeLibrary.Load(LibraryCache.Store(folder, LibraryName, original, patched));
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException)
            {
                cacheFailure = exception;
            }
        }

        // No home, or one that is read-only or may not hold code: a file that lives only until it is loaded.
        var temporary = Directory.CreateTempSubdirectory("minrnngen");
        try
        {
            NativeLibrary.Load(LibraryCache.Store(temporary.FullName, LibraryName, original, patched));
        }
        catch (Exception exception) when (cacheFailure is not null)
        {
            throw new AggregateException($"{cacheFailure.Message} {exception.Message}", cacheFailure, exception);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }
}
