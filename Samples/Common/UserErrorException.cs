namespace MinRnn.Samples.Common;

/// <summary>Something that the user can put right; the message is one sentence for them.</summary>
public sealed class UserErrorException(string message, Exception? inner = null) : Exception(message, inner);
