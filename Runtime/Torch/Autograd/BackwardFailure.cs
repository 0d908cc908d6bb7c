using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace MinRnn.Torch.Autograd;

/// <summary>
/// Carries an exception out of a backward pass, to where <c>backward()</c> or <c>autograd.grad</c> was called.
/// </summary>
/// <remarks>
/// <para>
/// Neither a managed nor a native exception may leave a node: the one cannot cross libtorch's frames, and the other ends the
/// process under <c>autograd.grad</c>. So the pass goes on with gradients of zero, and the thread is left with a native error,
/// which TorchSharp throws when the pass is over. The cause becomes that exception's message and inner exception. Where the
/// native error gets lost on the way, the next forward on the thread throws.
/// </para>
/// <para>
/// Nodes of other devices than the CPU run on threads of libtorch's own, where nobody asks for the native error. Their failures
/// are sent as numbers along an edge of the graph to <see cref="FailureRelay"/>, which runs on the caller's thread.
/// <c>autograd.grad</c> and <c>backward(inputs:)</c> leave that edge out: then the next forward throws, on whichever thread.
/// </para>
/// </remarks>
internal static class BackwardFailure
{
    /// <summary>Failures that may be under way at once; of more, the latest are told.</summary>
    public const int MostSent = 64;

    private static readonly Lock Gate = new();
    private static readonly (Exception? Cause, bool IsTold)[] Sent = new (Exception?, bool)[MostSent];
    private static int _sent;
    private static volatile int _untold;
    private static int _watching;

    [ThreadStatic]
    private static Exception? _cause;

    /// <summary>Whether a failure on this thread has not reached its caller yet.</summary>
    public static bool IsPending => _cause is not null;

    /// <summary>Keeps the cause for the exception that ends the pass, which the calling thread called for.</summary>
    public static void Record(Exception cause)
    {
        if (Interlocked.Exchange(ref _watching, 1) == 0)
            AppDomain.CurrentDomain.FirstChanceException += (_, arguments) => Deliver(arguments.Exception);
        _cause = cause;
        LeaveNativeError();
    }

    /// <summary>Keeps the cause of a failure on a thread of libtorch's, under a number that is to reach <see cref="Receive"/>.</summary>
    public static int Send(Exception cause)
    {
        lock (Gate)
        {
            var slot = _sent++ % MostSent;
            if (Sent[slot] is not { Cause: not null, IsTold: false })
                _untold++;
            Sent[slot] = (cause, false);
            return slot;
        }
    }

    /// <summary>Records what was sent.</summary>
    /// <param name="numbers">For each number, whether it was sent: not zero.</param>
    public static void Receive(ReadOnlySpan<float> numbers)
    {
        Exception? cause = null;
        lock (Gate)
        {
            for (var slot = 0; slot < MostSent; slot++)
            {
                if (numbers[slot] == 0)
                    continue;
                cause ??= Sent[slot].Cause;
                Tell(slot);
            }
        }

        if (cause is not null)
            Record(cause);
    }

    /// <summary>
    /// Any native call clears the thread's error: to be called after the last one while a failure is pending. einsum of no operands is an
    /// error that costs nothing to cause.
    /// </summary>
    public static void LeaveNativeError() => NativeAutograd.Einsum("", 0, 0);

    /// <summary>Throws a failure that did not reach its caller.</summary>
    public static void ThrowPending()
    {
        var cause = _cause;
        _cause = null;
        if (cause is null && _untold > 0)
        {
            lock (Gate)
            {
                var slot = Array.FindIndex(Sent, sent => sent is { Cause: not null, IsTold: false });
                if (slot >= 0)
                {
                    cause = Sent[slot].Cause;
                    Tell(slot);
                }
            }
        }

        if (cause is not null)
            throw new InvalidOperationException(Message(cause), cause);
    }

    private static void Tell(int slot)
    {
        if (Sent[slot] is not { Cause: not null, IsTold: false })
            return;
        Sent[slot].IsTold = true;
        _untold--;
    }

    // TorchSharp makes its exception, which is of this very type, from the native text alone; the moment to add the cause is when it starts.
    // Whatever error it is that ends the pass, it came after the cause.
    private static void Deliver(Exception exception)
    {
        if (_cause is not { } cause || exception.GetType() != typeof(ExternalException))
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
