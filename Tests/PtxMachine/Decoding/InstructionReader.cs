using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>One instruction while it is decoded: hands out its modifiers and the slots of its operands.</summary>
internal sealed class InstructionReader
{
    private readonly Slots slots;
    private readonly List<string> modifiers;

    public InstructionReader(Instruction instruction, Frame frame, Slots slots)
    {
        Instruction = instruction;
        Frame = frame;
        this.slots = slots;
        var parts = instruction.Opcode.Split('.');
        Name = parts[0];
        modifiers = [.. parts[1..]];
    }

    public Instruction Instruction { get; }

    public Frame Frame { get; }

    public string Name { get; }

    public int Count => Instruction.Operands.Count;

    public bool Take(string modifier) => modifiers.Remove(modifier);

    /// <summary>The first modifier among these; null where there is none.</summary>
    public string? TakeAny(params ReadOnlySpan<string> choices)
    {
        foreach (var modifier in modifiers)
        {
            if (choices.Contains(modifier))
            {
                modifiers.Remove(modifier);
                return modifier;
            }
        }

        return null;
    }

    public void TakeWhere(Predicate<string> condition) => modifiers.RemoveAll(condition);

    public ScalarType TakeType()
    {
        var place = modifiers.FindIndex(modifier => ScalarType.Find(modifier) is not null);
        if (place < 0)
            throw Error("The type is missing or not supported.");
        var type = ScalarType.Get(modifiers[place]);
        modifiers.RemoveAt(place);
        return type;
    }

    /// <summary>Nothing may be left that has not been understood, and there must be so many operands.</summary>
    public void Done(int least, int most = 0)
    {
        if (modifiers.Count > 0)
            throw Error($"'{Name}' with '.{modifiers[0]}' is not supported.");
        if (Count < least || Count > Math.Max(least, most))
            throw Error($"'{Name}' has {Count} operands.");
    }

    public PtxSyntaxException Error(string message) => new(message, Instruction.Line, Instruction.Text);

    public int Constant(ulong bits) => slots.Constant(bits);

    public Register Register(string name) =>
        slots.Register(Frame, Instruction.Scope, name) ?? throw Error($"Register '{name}' is not declared.");

    /// <summary>The register that an operand names; -1 as its slot for one that is thrown away.</summary>
    public Register Destination(Operand operand)
    {
        if (operand is not NameOperand { Offset: 0 } name)
            throw Error("A destination is no register.");
        return name.Name == "_" ? new Register(-1, ScalarType.Get("b64")) : Register(name.Name);
    }

    public int Destination(int operand, ScalarType type)
    {
        var register = Destination(Instruction.Operands[operand]);
        if (register.Slot < 0)
            throw Error("The destination must be a register.");
        Check(register, type);
        return register.Slot;
    }

    public int Source(int operand, ScalarType type) => Source(Instruction.Operands[operand], type);

    /// <summary>The slot of a value.</summary>
    /// <param name="operand">Where it comes from.</param>
    /// <param name="type">What it is read as.</param>
    /// <param name="mayBeWider">Whether its register may be wider than the type.</param>
    public int Source(Operand operand, ScalarType type, bool mayBeWider = false)
    {
        switch (operand)
        {
            case NumberOperand number:
                return Constant(Bits(number, type));
            case NameOperand { Offset: 0 } name when Special.Find(name.Name) is >= 0 and var special:
                return special;
            case NameOperand name when Slots.Variable(Frame, Instruction.Scope, name.Name) is { } variable:
                return slots.Address(Frame, variable, name.Offset, isGeneric: false);
            case NameOperand { Offset: 0 } name:
                var register = Register(name.Name);
                if (!mayBeWider || register.Type.Bytes < type.Bytes)
                    Check(register, type);
                return register.Slot;
            default:
                throw Error("An operand cannot be read.");
        }
    }

    /// <summary>A predicate that may be negated.</summary>
    public int Predicate(int operand, out bool isNegated)
    {
        var named = Instruction.Operands[operand];
        isNegated = named is NotOperand;
        return Source(named is NotOperand not ? not.Predicate : named, ScalarType.Get("pred"));
    }

    /// <summary>The slot and the displacement of an address.</summary>
    public (int Slot, long Offset) Address(int operand, bool isGeneric, out Variable? variable)
    {
        variable = null;
        if (Instruction.Operands[operand] is not AddressOperand address)
            throw Error("An address is missing.");
        if (address.Base is NumberOperand number)
            return (Constant(number.Bits), address.Offset);
        var name = ((NameOperand)address.Base).Name;
        variable = Slots.Variable(Frame, Instruction.Scope, name);
        if (variable is not null)
            return (slots.Address(Frame, variable, address.Offset, isGeneric), 0);
        var register = Register(name);
        if (register.Type.Bytes < 4)
            throw Error($"Register '{name}' is too narrow for an address.");
        return (register.Slot, address.Offset);
    }

    /// <summary>Makes an operation of a generic class.</summary>
    public static Op Make(Type open, Type[] types, params object[] arguments) =>
        (Op)Activator.CreateInstance(open.MakeGenericType(types), arguments)!;

    private void Check(Register register, ScalarType type)
    {
        var isPredicate = register.Type.Kind == ScalarKind.Predicate;
        if (register.Type.Bytes != type.Bytes || isPredicate != (type.Kind == ScalarKind.Predicate))
            throw Error($"A register of type .{register.Type.Name} stands where .{type.Name} is wanted.");
    }

    private ulong Bits(NumberOperand number, ScalarType type)
    {
        var bits = number.Kind switch
        {
            NumberKind.Double when type.Bytes == 4 => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(number.Bits)),
            NumberKind.Single when type.Bytes != 4 => throw Error($"A constant of single precision stands where .{type.Name} is wanted."),
            NumberKind.Integer when type.IsFloat => throw Error($"An integer stands where .{type.Name} is wanted."),
            _ => number.Bits,
        };
        return type.Bytes == 8 ? bits : bits & ((1UL << (type.Bytes * 8)) - 1);
    }
}
