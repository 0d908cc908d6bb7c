using System;

namespace MinRnn;

/// <summary>
/// Marks a static partial class as a recurrent cell: one channel of a recurrence, written as an ordinary method
/// <c>static float Step([State] float h, ...)</c>, with an optional second method <c>Output</c>.
/// </summary>
/// <remarks>
/// Parameters of <c>Step</c> without an attribute are projections, each its own linear map of the layer's input.
/// A cell with several states returns a tuple in the order of its <see cref="StateAttribute"/> parameters. With a
/// <see cref="StateSize"/> of N, <c>Step</c> is one index of N: each <see cref="StateAttribute"/> is a vector of N elements, and
/// <c>Output</c> is summed over the index.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RecurrentCellAttribute : Attribute
{
    /// <summary>
    /// Allows the time-parallel scan for a step that is affine in its state but whose coefficient is not proved to stay
    /// within [-1, 1]. The running product of such coefficients may overflow.
    /// </summary>
    public bool AllowUnboundedScan { get; set; }

    /// <summary>
    /// Elements of each state of a channel, N: the layer's state is [B, S, N, H]. Without it a state is one number.
    /// </summary>
    public int StateSize { get; set; }
}
