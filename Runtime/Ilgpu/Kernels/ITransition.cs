using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// What some steps of an affine recurrence do to the state: <c>next = A·state + b</c>. Transitions compose, which is what
/// lets the steps of different pieces of time run at once.
/// </summary>
/// <typeparam name="TSelf">The transition.</typeparam>
/// <typeparam name="TState">The states of a channel.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Kernels reach it through a type parameter.")]
public interface ITransition<TSelf, TState>
    where TSelf : unmanaged
    where TState : unmanaged
{
    /// <summary>Leaves the state as it is.</summary>
    static abstract TSelf Identity { get; }

    /// <summary>Does one transition and then another.</summary>
    static abstract TSelf Compose(TSelf first, TSelf second);

    /// <summary>The state after a transition.</summary>
    static abstract TState Apply(TSelf transition, TState state);
}
