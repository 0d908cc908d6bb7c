using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>A register and where it is kept.</summary>
internal readonly record struct Register(int Slot, ScalarType Type);

/// <summary>A function as it is expanded at one place: its registers, and what its parameters stand for there.</summary>
internal sealed class Frame(Function function, Frame? caller, Dictionary<Variable, Variable> bindings)
{
    public Function Function { get; } = function;

    public Frame? Caller { get; } = caller;

    public Dictionary<Variable, Variable> Bindings { get; } = bindings;

    public Dictionary<(Scope Scope, string Name), Register> Registers { get; } = [];

    /// <summary>Variables of a thread by their places.</summary>
    public Dictionary<Variable, long> Locals { get; } = [];

    /// <summary>Branches whose labels are not placed yet; no label is the end of the function.</summary>
    public List<(BranchOp Branch, int Target, string? Label, Instruction At)> Branches { get; } = [];
}
