using System;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// The elements that a channel must move through memory in one step of training: what no schedule can do without, and what
/// the kernels do with.
/// </summary>
internal sealed record TrafficBudget(int ForwardReads, int ForwardWrites, int BackwardReads, int BackwardWrites)
{
    public int Forward => ForwardReads + ForwardWrites;

    public int Backward => BackwardReads + BackwardWrites;

    /// <param name="cell">The cell.</param>
    /// <param name="checkpointSteps">Steps from one kept set of states to the next.</param>
    public static TrafficBudget Of(Cell cell, int checkpointSteps)
    {
        var projections = cell.Projections.Count();
        var input = cell.HasInput ? 1 : 0;
        var ofChannel = cell.NextStates.Length * Math.Max(cell.StateSize, 1);
        var states = cell.KeepsStates ? (ofChannel + checkpointSteps - 1) / checkpointSteps : 0;
        return new TrafficBudget(
            ForwardReads: projections + input,
            ForwardWrites: 1 + states,
            BackwardReads: projections + input + (cell.KeepsStates ? states : 1) + 1,
            BackwardWrites: projections + input);
    }
}
