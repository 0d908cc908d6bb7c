using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Loads, stores, atomic operations and fences.</summary>
internal static class MemoryAccess
{
    private static readonly string[] Scopes = ["cta", "cluster", "gpu", "sys"];

    public static InstructionTable Instructions { get; } = new()
    {
        ["ld"] = Load,
        ["ldu"] = Load,
        ["st"] = Store,
        ["atom"] = reader => Atomic(reader, isValueWanted: true),
        ["red"] = reader => Atomic(reader, isValueWanted: false),
        ["membar"] = Fence,
        ["fence"] = Fence,
        ["prefetch"] = Prefetch,
        ["prefetchu"] = Ignore,
        ["applypriority"] = Ignore,
    };

    private static Op Load(InstructionReader reader)
    {
        var isConstant = reader.Take("nc");
        var order = TakeOrder(reader);
        var (space, type, elements) = Shape(reader);
        var (address, offset) = Place(reader, 1, ref space);
        var destinations = Elements(reader, 0, elements).Select(reader.Destination).ToArray();
        if (destinations.FirstOrDefault(register => register.Slot >= 0 && register.Type.Bytes < type.Bytes) is { Type: not null } narrow)
            throw reader.Error($"A register of type .{narrow.Type.Name} is too narrow for .{type.Name}.");
        var register = destinations[0].Slot < 0 ? type.Raw : destinations[0].Type.Raw;
        var element = type.Kind == ScalarKind.Signed ? type.Clr : type.Raw;
        return InstructionReader.Make(
            typeof(Load<,,>),
            [element, register, space],
            destinations.Select(destination => destination.Slot).ToArray(),
            address,
            offset,
            isConstant ? Order.Constant : order);
    }

    private static Op Store(InstructionReader reader)
    {
        var order = TakeOrder(reader);
        var (space, type, elements) = Shape(reader);
        var (address, offset) = Place(reader, 0, ref space);
        var sources = Elements(reader, 1, elements).Select(source => reader.Source(source, type, mayBeWider: true)).ToArray();
        return InstructionReader.Make(typeof(Store<,>), [type.Raw, space], sources, address, offset, order);
    }

    private static Op Atomic(InstructionReader reader, bool isValueWanted)
    {
        var order = reader.TakeAny("relaxed", "acquire", "release", "acq_rel") switch
        {
            "acquire" => Order.Acquire,
            "release" => Order.Release,
            "acq_rel" => Order.AcquireRelease,
            _ => Order.Relaxed,
        };
        if (reader.TakeAny(Scopes) == "cta")
            order = Order.Relaxed;
        reader.Take("noftz");
        var name = reader.TakeAny("add", "exch", "cas", "min", "max", "and", "or", "xor", "inc", "dec")
            ?? throw reader.Error("The operation is missing or not supported.");
        var space = Space(reader);
        var type = reader.TakeType();
        var first = isValueWanted ? 1 : 0;
        reader.Done(first + (name == "cas" ? 3 : 2));
        var d = isValueWanted ? reader.Destination(reader.Instruction.Operands[0]).Slot : -1;
        var (address, offset) = Place(reader, first, ref space);
        var b = reader.Source(first + 1, type);
        var c = name == "cas" ? reader.Source(first + 2, type) : b;
        return InstructionReader.Make(typeof(Atomic<,,>), [type.Clr, Update(name, type), space], d, address, offset, b, c, order);
    }

    private static Type Update(string name, ScalarType type)
    {
        var function = name switch
        {
            "exch" => typeof(Exchange<>),
            "cas" => typeof(CompareAndSwap<>),
            "inc" => typeof(IncrementWrapping<>),
            "dec" => typeof(DecrementWrapping<>),
            _ => null,
        };
        if (function is not null)
            return function.MakeGenericType(type.Clr);
        var combination = name switch
        {
            "add" => typeof(Add<>),
            "min" => type.IsFloat ? typeof(MinNumber<>) : typeof(Least<>),
            "max" => type.IsFloat ? typeof(MaxNumber<>) : typeof(Greatest<>),
            "and" => typeof(And<>),
            "or" => typeof(Or<>),
            _ => typeof(Xor<>),
        };
        return typeof(Update<,>).MakeGenericType(type.Clr, combination.MakeGenericType(type.Clr));
    }

    private static Op Fence(InstructionReader reader)
    {
        reader.TakeAny("acq_rel", "sc");
        var scope = reader.TakeAny("cta", "cluster", "gpu", "gl", "sys");
        reader.Done(0);
        return scope switch
        {
            "cta" => new Nothing(),
            null => throw reader.Error("The fence names no scope."),
            _ => new Fence(),
        };
    }

    private static Op Prefetch(InstructionReader reader)
    {
        var space = Space(reader);
        reader.TakeAny("L1", "L2");
        reader.Done(1);
        var (address, offset) = Place(reader, 0, ref space);
        return InstructionReader.Make(typeof(Prefetch<>), [space], address, offset);
    }

    private static Nothing Ignore(InstructionReader reader) => new();

    /// <summary>What an access promises to other groups: one of the group's own scope promises them nothing.</summary>
    private static Order TakeOrder(InstructionReader reader)
    {
        var order = reader.TakeAny("weak", "volatile", "relaxed", "acquire", "release", "mmio", "cv") switch
        {
            "volatile" or "relaxed" or "mmio" or "cv" => Order.Relaxed,
            "acquire" => Order.Acquire,
            "release" => Order.Release,
            _ => Order.Weak,
        };
        return reader.TakeAny(Scopes) == "cta" ? Order.Weak : order;
    }

    private static (Type Space, ScalarType Type, int Elements) Shape(InstructionReader reader)
    {
        var space = Space(reader);
        reader.TakeAny("ca", "cg", "cs", "lu", "wb", "wt");
        reader.TakeWhere(modifier => modifier is ['L', '1' or '2', ':', ':', ..]);
        var elements = reader.TakeAny("v2", "v4") switch { "v2" => 2, "v4" => 4, _ => 1 };
        var type = reader.TakeType();
        reader.Done(2);
        return (space, type, elements);
    }

    private static Type Space(InstructionReader reader) => reader.TakeAny("global", "shared", "shared::cta", "local", "param", "const") switch
    {
        "global" or "const" => typeof(GlobalSpace),
        "shared" or "shared::cta" => typeof(SharedSpace),
        "local" => typeof(LocalSpace),
        "param" => typeof(ParameterSpace),
        _ => typeof(GenericSpace),
    };

    private static (int Slot, long Offset) Place(InstructionReader reader, int operand, ref Type space)
    {
        var place = reader.Address(operand, space == typeof(GenericSpace), out var variable);

        // Parameters of functions lie in the memory of the thread.
        if (space == typeof(ParameterSpace) && variable is { Space: VariableSpace.Local })
            space = typeof(LocalSpace);
        return place;
    }

    private static IReadOnlyList<Operand> Elements(InstructionReader reader, int operand, int count)
    {
        var named = reader.Instruction.Operands[operand];
        IReadOnlyList<Operand> elements = named is VectorOperand vector ? vector.Elements : [named];
        return elements.Count == count ? elements : throw reader.Error($"{count} elements are wanted instead of {elements.Count}.");
    }
}
