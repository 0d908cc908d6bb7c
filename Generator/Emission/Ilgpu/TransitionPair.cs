using System.Linq;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The transitions of a step and of its adjoint.</summary>
/// <param name="Forward">What a step does to the states.</param>
/// <param name="Backward">What its adjoint does to their gradients.</param>
internal sealed record TransitionPair(TransitionText Forward, TransitionText Backward)
{
    /// <summary>What the names of the functions of a step end in.</summary>
    public const string Name = "Transition", AdjointName = "AdjointTransition";

    /// <summary>What these functions tell.</summary>
    public const string OfStep = "What one step does to the state.",
        OfAdjoint = "What the adjoint of one step does to the gradient of the state that comes from later steps.";

    /// <summary>Numbers of a transition.</summary>
    public int Size => Forward.Transition.Elements.Length;

    /// <summary>With the elements of one in the places of the other's, one structure serves both.</summary>
    public static TransitionPair Of(TransitionPlan step, TransitionPlan adjoint, bool isDouble)
    {
        var isOneStructure = adjoint.Elements.Select(element => element.Name).SequenceEqual(step.Elements.Select(element => element.Name));
        return new TransitionPair(
            new TransitionText(step, Name, "Step" + Name, isDouble),
            new TransitionText(adjoint, isOneStructure ? Name : AdjointName, "Step" + AdjointName, isDouble));
    }

    /// <summary>Writes the structures of transitions, and of the states that these are of.</summary>
    public void WriteStructures(CodeWriter code)
    {
        TransitionText.WriteState(code, Forward.Transition, Forward.Scalar);
        Forward.WriteStructure(code);
        if (Backward.Structure == Forward.Structure)
            return;
        code.Line();
        Backward.WriteStructure(code);
    }
}
