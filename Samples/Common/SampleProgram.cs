using System.Globalization;
using System.Runtime.InteropServices;

namespace MinRnn.Samples.Common;

/// <summary>What every sample's entry point does: culture, and errors as sentences with exit codes.</summary>
public static class SampleProgram
{
    /// <summary>The exit code of a run that did what it was asked.</summary>
    public const int Success = 0;

    /// <summary>The exit code when the machine or the training failed.</summary>
    public const int Failure = 1;

    /// <summary>The exit code of a wrong command line or an unusable file named on it.</summary>
    public const int UserError = 2;

    /// <summary>The exit code after Ctrl-C, as shells give it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a sample.</summary>
    public static int Run(Func<int> body)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return body();
        }
        catch (UserErrorException error)
        {
            Console.Error.WriteLine(error.Message);
            return UserError;
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or DllNotFoundException or TrainingFailedException or OutOfMemoryException)
        {
            Console.Error.WriteLine(error.Message);
            return Failure;
        }
        catch (ExternalException error)
        {
            // libtorch adds its own stack to what it says.
            Console.Error.WriteLine(error.Message.Split('\n')[0]);
            return Failure;
        }
    }
}
