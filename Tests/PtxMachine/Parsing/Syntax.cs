namespace MinRnn.Tests.PtxMachine.Parsing;

internal enum NumberKind
{
    Integer,

    /// <summary>0f and eight digits.</summary>
    Single,

    /// <summary>0d and sixteen digits, or a decimal fraction.</summary>
    Double,
}

internal abstract record Operand;

/// <summary>A register, a special register, a variable or a label.</summary>
internal sealed record NameOperand(string Name, long Offset = 0) : Operand;

internal sealed record NumberOperand(ulong Bits, NumberKind Kind) : Operand;

internal sealed record AddressOperand(Operand Base, long Offset) : Operand;

/// <summary>Operands in braces, or in the parentheses of a call.</summary>
internal sealed record VectorOperand(IReadOnlyList<Operand> Elements) : Operand;

/// <summary>Two destinations, joined by a bar.</summary>
internal sealed record PairOperand(NameOperand First, NameOperand Second) : Operand;

/// <summary>The opposite of a predicate.</summary>
internal sealed record NotOperand(NameOperand Predicate) : Operand;

/// <summary>An instruction as it is written, with the scope that its names are looked up in.</summary>
internal sealed record Instruction(
    string Opcode, IReadOnlyList<Operand> Operands, NameOperand? Guard, bool IsGuardNegated, Scope Scope, int Line, string Text);

internal enum VariableSpace
{
    /// <summary>Parameters of an entry.</summary>
    Parameter,

    /// <summary>Private to a thread: local variables, and the parameters of calls.</summary>
    Local,
    Shared,

    /// <summary>Global and constant variables of the module.</summary>
    Global,
}

/// <summary>A variable; <see cref="Offset"/> counts from the beginning of its space.</summary>
internal sealed class Variable(string name, VariableSpace space, int alignment, long bytes)
{
    public string Name { get; } = name;

    public VariableSpace Space { get; } = space;

    public int Alignment { get; } = alignment;

    public long Bytes { get; } = bytes;

    public long Offset { get; set; }

    public byte[]? Initial { get; init; }

    /// <summary>Its size is the launch's.</summary>
    public bool IsDynamic { get; init; }
}

/// <summary>Registers by the name of their family: <c>%r&lt;9&gt;</c> declares %r0 to %r8.</summary>
internal sealed record RegisterFamily(string Prefix, int Count, string Type);

/// <summary>What a pair of braces declares.</summary>
internal sealed class Scope(Scope? parent)
{
    public Scope? Parent { get; } = parent;

    public List<RegisterFamily> Families { get; } = [];

    public Dictionary<string, Variable> Variables { get; } = [];

    /// <summary>The index of the instruction that follows the label.</summary>
    public Dictionary<string, int> Labels { get; } = [];

    public Dictionary<string, IReadOnlyList<string>> BranchTargets { get; } = [];
}

internal sealed class Function(string name, bool isEntry)
{
    public string Name { get; } = name;

    public bool IsEntry { get; } = isEntry;

    public List<Variable> Results { get; } = [];

    public List<Variable> Parameters { get; } = [];

    /// <summary>Null for a function that is declared only.</summary>
    public Scope? Body { get; set; }

    public List<Instruction> Instructions { get; } = [];

    public (int X, int Y, int Z)? MaxThreads { get; set; }
}
