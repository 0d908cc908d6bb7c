using System.Runtime.InteropServices;

namespace MinRnn.Torch.Loading;

/// <summary>Loads libtorch and a copy of TorchSharp's library that this distribution's loader accepts, where it needs one.</summary>
internal static class LinuxTorchLoader
{
    public const string LibraryName = "libLibTorchSharp.so";
    public const string RuntimeIdentifier = "linux-x64";

    /// <summary>The symbol version that older C++ runtimes lack, and the one symbol of it that the library names.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    /// <inheritdoc cref="Version"/>
    public const string Symbol = "_ZSt21ios_base_library_initv";

    /// <summary>Does nothing where the C++ runtime is new enough, or TorchSharp is not deployed as files.</summary>
    public static void Load()
    {
        if (RuntimeHasVersion())
            return;

        var library = NativeFiles.Find(LibraryName, RuntimeIdentifier)
            ?? throw new FileNotFoundException($"{LibraryName} is not among the application's files.");
        var torch = NativeFiles.Find("libtorch.so", RuntimeIdentifier)
            ?? throw new FileNotFoundException(
                $"libtorch.so is not among the application's files: reference the package libtorch-cpu-{RuntimeIdentifier}.");

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

        // The copy lies in another folder than libtorch, so that libtorch has to be in the process before it.
        NativeLibrary.Load(torch);
        LoadCopy(original, patched);
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
