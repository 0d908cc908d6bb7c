using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// A complex linear recurrence whose coefficient, modulus and angle, is read from the input: <c>λ = σ(gate)</c>,
/// <c>h = λ e^(i angle) h₋ + (1 - λ) candidate</c>. The output is the real part.
/// </summary>
/// <remarks>
/// The diagonal complex recurrence of "Resurrecting Recurrent Neural Networks for Long Sequences", arXiv 2303.06349, with the minGRU's
/// gates (arXiv 2410.01201) for its constants: a real state and an imaginary one turned by a 2x2 matrix of norm λ. States that
/// turn count modulo any number, not modulo two alone.
/// </remarks>
[RecurrentCell]
public static partial class Rotation
{
    /// <summary>One step of one channel.</summary>
    /// <param name="real">The real part of the state.</param>
    /// <param name="imaginary">The imaginary part.</param>
    /// <param name="gate">Pre-activation of the modulus.</param>
    /// <param name="angle">The angle of a step, in radians.</param>
    /// <param name="candidate">The candidate state, which is real.</param>
    /// <returns>The next state; its real part is the output.</returns>
    public static (float Real, float Imaginary) Step([State] float real, [State] float imaginary, float gate, float angle, float candidate)
    {
        var keep = Sigmoid(gate);
        var (cosine, sine) = (Cos(angle), Sin(angle));
        return (
            keep * (cosine * real - sine * imaginary) + (1 - keep) * candidate,
            keep * (sine * real + cosine * imaginary));
    }
}
