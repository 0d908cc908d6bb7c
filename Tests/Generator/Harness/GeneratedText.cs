using System.Runtime.CompilerServices;
using Snapshooter;
using Snapshooter.Xunit;

namespace MinRnn.Tests.Generator.Harness;

/// <summary>
/// Snapshots of text, one file each, in the folder <c>__snapshots__</c> beside the tests. A snapshot that is missing is a
/// failure, everywhere.
/// </summary>
/// <remarks>
/// To accept changed text, delete the files in question and run the tests once with <c>SNAPSHOOTER_STRICT_MODE=false</c>;
/// then read the difference to what is committed. What a failed test saw lies in <c>__snapshots__/__mismatch__</c>.
/// </remarks>
internal static class GeneratedText
{
    private const string StrictMode = "SNAPSHOOTER_STRICT_MODE";

#pragma warning disable CA2255 // The variable has to be set before the first test of this assembly, whichever it is.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void BeStrict()
    {
        if (Environment.GetEnvironmentVariable(StrictMode) is null or "")
            Environment.SetEnvironmentVariable(StrictMode, "true");
    }

    /// <summary>Whether this run accepts what has no snapshot yet.</summary>
    public static bool IsAccepting => Environment.GetEnvironmentVariable(StrictMode) == "false";

    /// <summary>Compares text with the snapshot of that name.</summary>
    public static void Match(string name, string text, [CallerFilePath] string caller = "") =>
        Snapshot.Match(text, new SnapshotFullName(name + ".snap", Path.GetDirectoryName(caller)!));
}
