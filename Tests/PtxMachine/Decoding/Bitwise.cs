using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Operations on bits.</summary>
internal static class Bitwise
{
    private static readonly ScalarType Word = ScalarType.Get("u32");

    public static InstructionTable Instructions { get; } = new()
    {
        ["and"] = reader => Combine(reader, typeof(And<>)),
        ["or"] = reader => Combine(reader, typeof(Or<>)),
        ["xor"] = reader => Combine(reader, typeof(Xor<>)),
        ["not"] = Not,
        ["shl"] = reader => Shift(reader, typeof(ShiftLeft<>)),
        ["shr"] = reader => Shift(reader, typeof(ShiftRight<>)),
        ["popc"] = reader => Count(reader, typeof(Ones<>)),
        ["clz"] = reader => Count(reader, typeof(LeadingZeros<>)),
        ["bfind"] = reader => Count(reader, typeof(HighestBit<>)),
        ["brev"] = Reverse,
        ["bfe"] = Extract,
        ["bfi"] = Insert,
        ["prmt"] = Permute,
        ["lop3"] = Logic,
        ["shf"] = Funnel,
    };

    private static Op Combine(InstructionReader reader, Type operation)
    {
        var type = reader.TakeType();
        reader.Done(3);
        return InstructionReader.Make(
            typeof(Binary<,>),
            [type.Clr, operation.MakeGenericType(type.Clr)],
            reader.Destination(0, type),
            reader.Source(1, type),
            reader.Source(2, type));
    }

    private static Op Not(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(2);
        var operation = type.Kind == ScalarKind.Predicate ? typeof(NotPredicate<>) : typeof(Not<>);
        return InstructionReader.Make(
            typeof(Unary<,>), [type.Clr, operation.MakeGenericType(type.Clr)], reader.Destination(0, type), reader.Source(1, type));
    }

    private static Op Shift(InstructionReader reader, Type operation)
    {
        var type = reader.TakeType();
        reader.Done(3);
        return InstructionReader.Make(
            typeof(Shift<,>),
            [type.Clr, operation.MakeGenericType(type.Clr)],
            reader.Destination(0, type),
            reader.Source(1, type),
            reader.Source(2, Word));
    }

    private static Op Count(InstructionReader reader, Type operation)
    {
        var type = reader.TakeType();
        reader.Done(2);
        return InstructionReader.Make(
            typeof(Count<,>), [type.Clr, operation.MakeGenericType(type.Clr)], reader.Destination(0, Word), reader.Source(1, type));
    }

    private static Op Reverse(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(2);
        return InstructionReader.Make(
            typeof(Unary<,>), [type.Clr, typeof(ReverseBits<>).MakeGenericType(type.Clr)], reader.Destination(0, type), reader.Source(1, type));
    }

    private static ExtractBits Extract(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(4);
        return new ExtractBits(
            reader.Destination(0, type),
            reader.Source(1, type),
            reader.Source(2, Word),
            reader.Source(3, Word),
            type.Kind == ScalarKind.Signed,
            type.Bytes * 8);
    }

    private static InsertBits Insert(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(5);
        return new InsertBits(
            reader.Destination(0, type),
            reader.Source(1, type),
            reader.Source(2, type),
            reader.Source(3, Word),
            reader.Source(4, Word),
            type.Bytes * 8);
    }

    private static Ternary<uint, PermuteBytes> Permute(InstructionReader reader)
    {
        reader.Take("b32");
        reader.Done(4);
        return new Ternary<uint, PermuteBytes>(
            reader.Destination(0, Word), reader.Source(1, Word), reader.Source(2, Word), reader.Source(3, Word));
    }

    private static Logic Logic(InstructionReader reader)
    {
        reader.Take("b32");
        reader.Done(5);
        return new Logic(
            reader.Destination(0, Word),
            reader.Source(1, Word),
            reader.Source(2, Word),
            reader.Source(3, Word),
            reader.Source(4, Word));
    }

    private static Funnel Funnel(InstructionReader reader)
    {
        var isLeft = reader.TakeAny("l", "r") == "l";
        var isWrapped = reader.TakeAny("wrap", "clamp") == "wrap";
        reader.Take("b32");
        reader.Done(4);
        return new Funnel(
            reader.Destination(0, Word),
            reader.Source(1, Word),
            reader.Source(2, Word),
            reader.Source(3, Word),
            isLeft,
            isWrapped);
    }
}
