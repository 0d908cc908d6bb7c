using System.Reflection;
using ILGPU;
using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Tests.Conformance.Cuda;

public sealed class PtxCacheTests : IDisposable
{
    private const int GroupSize = 64;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("minrnn-ptx");

    private static MethodInfo Kernel => ((Delegate)Copy).Method;

    private static MethodInfo OtherKernel => ((Delegate)CopyNext).Method;

    [Fact]
    public void ATextIsTheSameAtEveryCompilation()
    {
        var text = PtxCompiler.Compile(Kernel, GroupSize);
        Assert.Equal(text, PtxCompiler.Compile(Kernel, GroupSize));
        Assert.Contains(".maxntid 64, 1, 1", text, StringComparison.Ordinal);
        Assert.Contains(".target sm_80", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var kernel = PtxKernel.Parse(text);
        Assert.Equal(40, kernel.ParameterBytes);
        Assert.Contains(nameof(Copy), kernel.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public void AKernelOfSeveralParametersIsRefused()
    {
        var text = PtxCompiler.Compile(((Delegate)TwoParameters).Method, GroupSize);
        Assert.Contains("wanted 1", Assert.Throws<FormatException>(() => PtxKernel.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotBeCompiledIsNamed()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => PtxCompiler.Compile(((Delegate)Impossible).Method, GroupSize));
        Assert.Contains(nameof(Impossible), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AKernelIsWrittenOnceAndReadAfterwards()
    {
        var cache = new PtxCache(folder.FullName);
        var text = cache.Get(Kernel, GroupSize);
        var path = cache.PathOf(Kernel, GroupSize);
        var written = File.GetLastWriteTimeUtc(path);
        Assert.Equal(text, new PtxCache(folder.FullName).Get(Kernel, GroupSize));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.Single(folder.EnumerateFiles());
    }

    [Fact]
    public void KernelsGroupSizesAndTypesHaveFilesOfTheirOwn()
    {
        var cache = new PtxCache(folder.FullName);
        var generic = ((Delegate)CopyOf<float>).Method;
        string[] paths =
        [
            cache.PathOf(Kernel, 64), cache.PathOf(Kernel, 128), cache.PathOf(OtherKernel, 64), cache.PathOf(generic, 64),
            cache.PathOf(((Delegate)CopyOf<int>).Method, 64),
        ];
        Assert.Equal(paths.Length, paths.Distinct().Count());
        Assert.Equal(cache.PathOf(generic, 64), new PtxCache(folder.FullName).PathOf(((Delegate)CopyOf<float>).Method, 64));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ADamagedFileIsReplaced(int damage)
    {
        var cache = new PtxCache(folder.FullName);
        var text = cache.Get(Kernel, GroupSize);
        var path = cache.PathOf(Kernel, GroupSize);
        var whole = File.ReadAllBytes(path);
        switch (damage)
        {
            case 0:
                File.WriteAllBytes(path, []);
                break;
            case 1:
                File.WriteAllBytes(path, whole[..^1]);
                break;
            case 2:
                File.WriteAllBytes(path, [.. whole[..200], (byte)(whole[200] ^ 1), .. whole[201..]]);
                break;
            default:
                File.WriteAllText(path, text);
                break;
        }

        Assert.Equal(text, cache.Get(Kernel, GroupSize));
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Fact]
    public void AFolderThatVanishesIsMadeAgain()
    {
        var cache = new PtxCache(Path.Combine(folder.FullName, "a", "b"));
        var text = cache.Get(Kernel, GroupSize);
        Directory.Delete(Path.Combine(folder.FullName, "a"), recursive: true);
        Assert.Equal(text, cache.Get(Kernel, GroupSize));
        Assert.True(File.Exists(cache.PathOf(Kernel, GroupSize)));
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsDoneWithout()
    {
        // A file stands where the folder would be: not even root can write below it.
        var file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "");
        foreach (var cache in new[] { new PtxCache(Path.Combine(file, "ptx")), new PtxCache(file), new PtxCache(null) })
            Assert.Contains(nameof(Copy), cache.Get(Kernel, GroupSize), StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralMayWriteAtOnce()
    {
        var text = PtxCompiler.Compile(Kernel, GroupSize);
        Parallel.For(0, 8, i =>
        {
            var cache = new PtxCache(folder.FullName);
            if (i % 2 == 0)
                File.Delete(cache.PathOf(Kernel, GroupSize));
            Assert.Equal(text, cache.Get(Kernel, GroupSize));
        });
        Assert.True(folder.EnumerateFiles().Count() <= 1);
    }

    [Fact]
    public void FilesThatNobodyReadsGo()
    {
        var old = Path.Combine(folder.FullName, "old.ptx");
        File.WriteAllText(old, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow - TimeSpan.FromDays(31));
        var cache = new PtxCache(folder.FullName);
        cache.Get(Kernel, GroupSize);
        Assert.False(File.Exists(old));

        var path = cache.PathOf(Kernel, GroupSize);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - TimeSpan.FromDays(20));
        cache.Get(Kernel, GroupSize);
        Assert.True(File.GetLastWriteTimeUtc(path) > DateTime.UtcNow - TimeSpan.FromDays(1));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static void Copy(Pair<ArrayView<float>> pair) => pair.To[Grid.GlobalIndex.X] = pair.From[pair.First + Grid.GlobalIndex.X];

    private static void CopyNext(Pair<ArrayView<float>> pair) => pair.To[Grid.GlobalIndex.X] = pair.From[pair.First + Grid.GlobalIndex.X + 1];

    private static void CopyOf<T>(Pair<ArrayView<T>> pair)
        where T : unmanaged => pair.To[0] = pair.From[0];

    private static void TwoParameters(ArrayView<float> from, ArrayView<float> to) => to[0] = from[0];

    private static void Impossible(Pair<ArrayView<float>> pair) => Console.WriteLine(pair.First);

    public struct Pair<TView>
        where TView : struct
    {
        public TView From, To;
        public long First;
    }
}
