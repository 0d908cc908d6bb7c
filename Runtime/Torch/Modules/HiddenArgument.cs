using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// How sequences lie, on its way from a module's call to its forward: TorchSharp runs the module's hooks between them, and fixes what
/// both take.
/// </summary>
internal static class HiddenArgument
{
    [ThreadStatic]
    private static (nn.Module? Receiver, SequenceLayout? Layout) _underWay;

    /// <summary>Makes a call that ends in the receiver's forward.</summary>
    public static T Pass<T>(nn.Module receiver, SequenceLayout layout, Func<T> call)
    {
        var outer = _underWay;
        _underWay = (receiver, layout);
        try
        {
            return call();
        }
        finally
        {
            // A hook may have thrown; and a call from a hook, or from a forward of the user's, leaves what is on its way through these.
            _underWay = outer;
        }
    }

    /// <summary>What was passed to this receiver, once; else that its sequences are the rows of its batch.</summary>
    public static SequenceLayout Take(nn.Module receiver)
    {
        if (_underWay.Receiver != receiver)
            return SequenceLayout.Plain;
        var layout = _underWay.Layout!;
        _underWay = default;
        return layout;
    }
}
