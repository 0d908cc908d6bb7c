namespace MinRnn.Tests.Packages;

/// <summary>A test that makes a native program, which takes the platform's linker; skipped, and said so, where there is none.</summary>
internal sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute()
    {
        if (!OperatingSystem.IsWindows() && !Has("clang") && !Has("gcc"))
            Skip = "Native AOT links with clang or gcc, and neither is on the PATH.";
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
