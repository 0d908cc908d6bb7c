using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// Carries an exception out of a backward pass, to where <c>backward()</c> or <c>autograd.grad</c> was called.
/// </summary>
/// <remarks>
/// Neither a managed nor a native exception may leave a node: the one cannot cross libtorch's frames, and the other ends the
/// process under <c>autograd.grad</c>. So the pass goes on with gradients of zero, and the thread is left with a native error,
/// which TorchSharp throws when the pass is over. The cause becomes that exception's message and inner exception. Where the
/// native error gets lost on the way, the next forward on the thread throws.
/// </remarks>
internal static class BackwardFailure
{
    // What einsum says to no operands: an error that costs nothing to cause.
    private const string NativeError = "einsum(): must provide at least one operand";

    private static int _watching;

    [ThreadStatic]
    private static Exception? _cause;

    /// <summary>Whether a failure on this thread has not reached its caller yet.</summary>
    public static bool IsPending => _cause is not null;

    /// <summary>Keeps the cause for the exception that ends the pass.</summary>
    public static void Record(Exception cause)
    {
        if (Interlocked.Exchange(ref _watching, 1) == 0)
            AppDomain.CurrentDomain.FirstChanceException += (_, arguments) => Deliver(arguments.Exception);
        _cause = cause;
        LeaveNativeError();
    }

    /// <summary>Any native call clears the thread's error: to be called after the last one while a failure is pending.</summary>
    public static void LeaveNativeError() => NativeAutograd.Einsum("", 0, 0);

    /// <summary>Throws a failure that did not reach its caller.</summary>
    public static void ThrowPending()
    {
        if (_cause is not { } cause)
            return;
        _cause = null;
        throw new InvalidOperationException(Message(cause), cause);
    }

    // TorchSharp makes its exception from the native text alone; the moment to add the cause is when it starts.
    private static void Deliver(Exception exception)
    {
        if (_cause is not { } cause || exception is not ExternalException || !exception.Message.StartsWith(NativeError, StringComparison.Ordinal))
            return;
        try
        {
            MessageOf(exception) = Message(cause);
            InnerExceptionOf(exception) = cause;
            _cause = null;
        }
        catch (MissingFieldException)
        {
            // A runtime with other fields: the next forward tells.
        }
    }

    private static string Message(Exception cause) => $"The backward pass of a recurrent operation failed: {cause.Message}";

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? MessageOf(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? InnerExceptionOf(Exception exception);
}
