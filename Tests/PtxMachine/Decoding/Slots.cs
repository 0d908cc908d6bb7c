using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Parsing;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Gives registers, constants and addresses of variables their slots, and variables their places.</summary>
internal sealed class Slots
{
    private readonly List<ulong> template = [.. new ulong[Special.Count]];
    private readonly Dictionary<ulong, int> constants = [];
    private readonly Dictionary<Variable, long> shared = [];
    private readonly List<(int Slot, ulong Base)> dynamic = [];

    public int SharedBytes { get; private set; }

    public int LocalBytes { get; private set; }

    public List<(int Slot, Variable Variable, long Offset)> Globals { get; } = [];

    /// <summary>What slots begin with, the shared array of the launch's size behind all others.</summary>
    public ulong[] Finish()
    {
        SharedBytes = (int)Round(SharedBytes, 16);
        foreach (var (slot, start) in dynamic)
            template[slot] = start + (ulong)SharedBytes;
        return [.. template];
    }

    public int Constant(ulong bits)
    {
        if (!constants.TryGetValue(bits, out var slot))
            constants.Add(bits, slot = Add(bits));
        return slot;
    }

    /// <summary>A register; null where no scope declares it.</summary>
    public Register? Register(Frame frame, Scope scope, string name)
    {
        for (var at = scope; at is not null; at = at.Parent)
        {
            if (frame.Registers.TryGetValue((at, name), out var known))
                return known;
            if (at.Families.Find(family => Declares(family, name)) is not { } found)
                continue;
            var register = new Register(Add(0), ScalarType.Get(found.Type));
            frame.Registers.Add((at, name), register);
            return register;
        }

        return null;
    }

    public static Variable? Variable(Frame frame, Scope scope, string name)
    {
        for (var at = scope; at is not null; at = at.Parent)
        {
            if (at.Variables.TryGetValue(name, out var variable))
                return frame.Bindings.GetValueOrDefault(variable, variable);
        }

        return null;
    }

    /// <summary>A slot with a variable's address.</summary>
    /// <param name="frame">Of the function that names it.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="offset">Added to the address.</param>
    /// <param name="isGeneric">Whether a generic address is wanted.</param>
    public int Address(Frame frame, Variable variable, long offset, bool isGeneric)
    {
        switch (variable.Space)
        {
            case VariableSpace.Shared:
                var window = (isGeneric ? Window.Shared : 0) + (ulong)offset;
                if (!variable.IsDynamic)
                    return Constant(window + (ulong)Shared(variable));
                var slot = Add(0);
                dynamic.Add((slot, window));
                return slot;
            case VariableSpace.Local:
                return Constant((ulong)(Local(frame, variable) + offset) + (isGeneric ? Window.Local : 0));
            case VariableSpace.Parameter:
                return Constant((ulong)(variable.Offset + offset));
            default:
                var address = Add(0);
                Globals.Add((address, variable, offset));
                return address;
        }
    }

    /// <summary>Where a variable of a thread lies; one that has no place yet gets it in this frame.</summary>
    public long Local(Frame frame, Variable variable)
    {
        // A parameter of a function lies where its caller put it.
        for (var at = frame; at is not null; at = at.Caller)
        {
            if (at.Locals.TryGetValue(variable, out var known))
                return known;
        }

        var place = Round(LocalBytes, variable.Alignment);
        frame.Locals.Add(variable, place);
        LocalBytes = (int)(place + variable.Bytes);
        return place;
    }

    private static bool Declares(RegisterFamily family, string name)
    {
        if (family.Count < 0)
            return name == family.Prefix;
        return name.StartsWith(family.Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(family.Prefix.Length), out var number)
            && number < family.Count;
    }

    private static long Round(long place, int alignment) => (place + alignment - 1) / alignment * alignment;

    private int Add(ulong bits)
    {
        template.Add(bits);
        return template.Count - 1;
    }

    private long Shared(Variable variable)
    {
        if (!shared.TryGetValue(variable, out var place))
        {
            shared.Add(variable, place = Round(SharedBytes, variable.Alignment));
            SharedBytes = (int)(place + variable.Bytes);
        }

        return place;
    }
}
