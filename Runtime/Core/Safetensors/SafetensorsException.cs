namespace MinRnn.Safetensors;

/// <summary>A file is not what is wanted: damaged, hostile, or of another architecture. The message names the file and what is wrong.</summary>
public sealed class SafetensorsException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which file, what is wrong, and what was wanted.</param>
    /// <param name="inner">The reason behind it.</param>
    public SafetensorsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
