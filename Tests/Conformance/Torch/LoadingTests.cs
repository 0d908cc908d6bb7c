using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MinRnn.Torch;
using MinRnn.Torch.Loading;
using TorchSharp;
using Xunit;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class LoadingTests
{
    private static string OriginalPath =>
        NativeFiles.Find(LinuxTorchLoader.LibraryName, LinuxTorchLoader.RuntimeIdentifier)!;

    private static byte[] Patched(byte[] original) =>
        SymbolVersionPatch.Apply(original, LinuxTorchLoader.Version, LinuxTorchLoader.Symbol);

    [Fact]
    public void Torch_works_without_any_call_before_it()
    {
        using var ones = torch.ones(2, 3);
        Assert.Equal(6f, ones.sum().item<float>());
        TorchLibrary.EnsureLoaded();
    }

    [Fact]
    public void TorchSharp_copies_no_libraries_of_its_own()
    {
        using var scalar = torch.tensor(1f);
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
    }

    [Fact]
    public void The_private_copy_is_loaded_where_the_runtime_is_old_and_only_there()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var scalar = torch.tensor(1f);
        var old = !NativeLibrary.TryLoad(OriginalPath, out _);
        var maps = File.ReadAllLines("/proc/self/maps");
        Assert.Equal(old, maps.Any(line => line.Contains("minrnngen") && line.EndsWith(LinuxTorchLoader.LibraryName, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_patch_changes_one_flag()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var original = File.ReadAllBytes(OriginalPath);
        var patched = Patched(original);
        Assert.Equal(original.Length, patched.Length);
        Assert.Single(Enumerable.Range(0, original.Length), i => original[i] != patched[i]);
    }

    [Fact]
    public void The_patch_refuses_a_version_that_the_library_does_not_ask_for()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var refusal = Assert.Throws<BadImageFormatException>(
            () => SymbolVersionPatch.Apply(File.ReadAllBytes(OriginalPath), "GLIBCXX_9.9", LinuxTorchLoader.Symbol));
        Assert.Contains("GLIBCXX_9.9", refusal.Message);
    }

    [Fact]
    public void The_patch_refuses_a_version_that_several_symbols_use()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var refusal = Assert.Throws<BadImageFormatException>(
            () => SymbolVersionPatch.Apply(File.ReadAllBytes(OriginalPath), "GLIBCXX_3.4.21", LinuxTorchLoader.Symbol));
        Assert.Contains("not exactly one symbol", refusal.Message);
    }

    [Fact]
    public void The_patch_refuses_a_symbol_of_another_name()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var refusal = Assert.Throws<BadImageFormatException>(
            () => SymbolVersionPatch.Apply(File.ReadAllBytes(OriginalPath), LinuxTorchLoader.Version, "other"));
        Assert.Contains(LinuxTorchLoader.Symbol, refusal.Message);
    }

    [Fact]
    public void The_patch_refuses_a_symbol_that_is_used()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var bytes = File.ReadAllBytes(OriginalPath);
        var image = new ElfImage(bytes);
        var versions = image.Single(ElfImage.SectionKind.SymbolVersions);
        var index = Enumerable.Range(0, versions.Size / 2).First(i =>
        {
            var symbols = image.Single(ElfImage.SectionKind.DynamicSymbols);
            return image.ReadString(image.StringsOf(symbols), image.ReadUInt32(symbols.Offset + (i * 24))) == LinuxTorchLoader.Symbol;
        });
        var relocations = image.Sections(ElfImage.SectionKind.RelocationsWithAddends).Last();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(relocations.Offset + 12), (uint)index);
        Assert.Contains("is used", Assert.Throws<BadImageFormatException>(() => Patched(bytes)).Message);
    }

    [Fact]
    public void The_patch_refuses_what_is_no_shared_object()
    {
        Assert.Throws<BadImageFormatException>(() => Patched([]));
        Assert.Throws<BadImageFormatException>(() => Patched(new byte[4096]));
        Assert.Throws<BadImageFormatException>(() => Patched([.. "\u007fELF"u8, .. new byte[4096]]));
    }

    [Fact]
    public void The_patch_refuses_truncated_and_damaged_files_with_no_other_exception()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var original = File.ReadAllBytes(OriginalPath);
        for (var length = 0; length < original.Length; length += 250_007)
            Assert.Throws<BadImageFormatException>(() => Patched(original[..length]));

        var image = new ElfImage(original);
        var random = new Random(1);
        var needs = image.Single(ElfImage.SectionKind.VersionNeeds);
        var table = (int)image.ReadUInt64(40);
        for (var trial = 0; trial < 150; trial++)
        {
            var damaged = original.ToArray();
            var (start, size) = (trial % 3) switch { 0 => (0, 64), 1 => (table, original.Length - table), _ => (needs.Offset, needs.Size) };
            for (var i = 0; i < 8; i++)
                damaged[start + random.Next(size)] = (byte)random.Next(256);
            try
            {
                Patched(damaged);
            }
            catch (BadImageFormatException)
            {
            }
        }
    }

    [Fact]
    public void A_folder_of_the_users_is_loaded_from()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var folder = Directory.CreateTempSubdirectory("minrnn-libtorch");
        try
        {
            var deployed = NativeFiles.Find("libtorch_cpu.so", LinuxTorchLoader.RuntimeIdentifier)!;
            string InFolder(string name) => Path.Combine(folder.FullName, name);
            var missing = Assert.Throws<FileNotFoundException>(() => LinuxTorchLoader.LibrariesIn(folder.FullName, deployed));
            Assert.Contains($"{LinuxTorchLoader.Variable} is '{folder.FullName}', and there is no libtorch.so in it", missing.Message);
            Assert.Throws<FileNotFoundException>(() => LinuxTorchLoader.LibrariesIn(InFolder("absent"), null));

            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(deployed)!, "*.so*"))
                File.CreateSymbolicLink(InFolder(Path.GetFileName(file)), file);
            Assert.Equal([InFolder("libtorch.so")], LinuxTorchLoader.LibrariesIn(folder.FullName, deployed));
            NativeLibrary.Load(InFolder("libtorch.so"));

            File.WriteAllText(InFolder("libtorch_cuda.so"), "");
            Assert.Equal([InFolder("libtorch.so"), InFolder("libtorch_cuda.so")], LinuxTorchLoader.LibrariesIn(folder.FullName, null));

            // A second libtorch in one process.
            File.Delete(InFolder("libtorch_cpu.so"));
            File.WriteAllText(InFolder("libtorch_cpu.so"), "another");
            var both = Assert.Throws<InvalidOperationException>(() => LinuxTorchLoader.LibrariesIn(folder.FullName, deployed));
            Assert.Contains(deployed, both.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Functions_are_found_in_loaded_libraries_alone()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var scalar = torch.tensor(1f);
        Assert.NotEqual(0, LoadedLibrary.Find("libtorch_cpu.so", null, "aoti_torch_get_data_ptr"));
        Assert.Equal(0, LoadedLibrary.Find("libtorch_cpu.so", null, "no_such_function"));
        Assert.Equal(0, LoadedLibrary.Find("libno_such_library.so", null, "aoti_torch_get_data_ptr"));
    }

    [Theory]
    [InlineData("/named", "/xdg", "/named")]
    [InlineData("", "/xdg", "/xdg/minrnngen")]
    [InlineData("relative", "/xdg", "/xdg/minrnngen")]
    public void The_cache_lies_where_the_environment_says(string named, string xdg, string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var before = (Environment.GetEnvironmentVariable(CacheFolder.Variable), Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        try
        {
            Environment.SetEnvironmentVariable(CacheFolder.Variable, named);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", xdg);
            Assert.Equal(folder, CacheFolder.Find());
        }
        finally
        {
            Environment.SetEnvironmentVariable(CacheFolder.Variable, before.Item1);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", before.Item2);
        }
    }

    [Fact]
    public void The_cache_keeps_one_copy_and_replaces_a_damaged_one()
    {
        var folder = Directory.CreateTempSubdirectory("minrnn-cache");
        try
        {
            byte[] original = [1, 2, 3], content = [4, 5, 6];
            var path = LibraryCache.Store(folder.FullName, "a.so", original, content);
            var written = File.GetLastWriteTimeUtc(path);
            Assert.Equal(path, LibraryCache.Store(folder.FullName, "a.so", original, content));
            Assert.Equal(written, File.GetLastWriteTimeUtc(path));

            File.WriteAllBytes(path, [7]);
            LibraryCache.Store(folder.FullName, "a.so", original, content);
            Assert.Equal(content, File.ReadAllBytes(path));

            Assert.NotEqual(path, LibraryCache.Store(folder.FullName, "a.so", [9], content));
            Assert.DoesNotContain(folder.EnumerateFiles("*", SearchOption.AllDirectories), file => file.Extension == ".tmp");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_cache_is_safe_to_fill_from_several_sides_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("minrnn-cache");
        try
        {
            var content = new byte[1 << 20];
            Parallel.For(0, 16, _ =>
                Assert.Equal(content, File.ReadAllBytes(LibraryCache.Store(folder.FullName, "a.so", [1], content))));
            Assert.Single(folder.EnumerateFiles("*", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
