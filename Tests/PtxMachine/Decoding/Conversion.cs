using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Moves and conversions.</summary>
internal static class Conversion
{
    private static readonly ScalarType Address = ScalarType.Get("u64");

    public static InstructionTable Instructions { get; } = new()
    {
        ["mov"] = Move,
        ["cvt"] = Convert,
        ["cvta"] = ConvertAddress,
    };

    private static Op Move(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(2);
        var operands = reader.Instruction.Operands;
        if (operands[0] is VectorOperand parts)
            return new Unpack(
                [.. parts.Elements.Select(part => reader.Destination(part).Slot)], reader.Source(1, type), Bits(parts, type));
        if (operands[1] is VectorOperand pieces)
        {
            var element = ScalarType.Get("b" + Bits(pieces, type));
            return new Pack(
                reader.Destination(0, type), [.. pieces.Elements.Select(piece => reader.Source(piece, element))], element.Bytes * 8);
        }

        if (operands[1] is NameOperand { Name: "%clock" or "%clock64" or "%globaltimer" or "%clock_hi" or "%globaltimer_lo" })
            return new ReadClock(reader.Destination(0, type), type.Bytes == 8);
        return new Move(reader.Destination(0, type), reader.Source(1, type));
    }

    private static int Bits(VectorOperand parts, ScalarType type) => type.Bytes * 8 / parts.Elements.Count;

    private static Op Convert(InstructionReader reader)
    {
        var rounding = reader.TakeAny("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi");
        var isFlushed = reader.Take("ftz");
        var isSaturated = reader.Take("sat");
        var to = reader.TakeType();
        var from = reader.TakeType();
        reader.Done(2);
        var register = reader.Destination(reader.Instruction.Operands[0]);
        if (register.Type.Bytes < to.Bytes || register.Slot < 0)
            throw reader.Error($"The destination is too narrow for .{to.Name}.");
        var (d, a) = (register.Slot, reader.Source(reader.Instruction.Operands[1], from, mayBeWider: true));
        if (to.Name == "bf16" || from.Name == "bf16")
        {
            return (to.Name, from.Name, rounding, isSaturated) == ("bf16", "f32", "rn", false)
                ? new BFloat16FromSingle(d, a)
                : throw reader.Error("Of .bf16 only .rn.bf16.f32 is supported here.");
        }

        if (from.IsInteger && to.IsInteger)
        {
            var open = isSaturated ? typeof(IntegerFromIntegerSaturating<,,>) : typeof(IntegerFromInteger<,,>);
            return InstructionReader.Make(open, [from.Clr, to.Clr, register.Type.Raw], d, a);
        }

        if (to.IsInteger)
            return InstructionReader.Make(
                typeof(IntegerFromFloat<,,>), [from.Clr, to.Clr, register.Type.Raw], d, a, Integral(reader, rounding));
        if (rounding is "rz" or "rm" or "rp")
            throw reader.Error($"Rounding by .{rounding} is not supported here.");
        var op = rounding?.EndsWith('i') == true && from == to
            ? InstructionReader.Make(typeof(RoundFloat<>), [to.Clr], d, a, Integral(reader, rounding))
            : InstructionReader.Make(from.IsInteger ? typeof(FloatFromInteger<,>) : typeof(FloatFromFloat<,>), [from.Clr, to.Clr], d, a);
        if (to.Clr != typeof(float))
        {
            if (isSaturated)
                throw reader.Error("Saturation is supported for .f32 alone.");
            return op;
        }

        // Only conversions to single precision can make subnormal numbers of it.
        if (isFlushed)
            op = new Sequence(op, new Unary<float, FlushedUnary<float, Same<float>>>(d, d));
        return isSaturated ? new Sequence(op, new Unary<float, SaturatedUnary<float, Same<float>>>(d, d)) : op;
    }

    private static MidpointRounding Integral(InstructionReader reader, string? rounding) => rounding switch
    {
        "rni" => MidpointRounding.ToEven,
        "rzi" => MidpointRounding.ToZero,
        "rmi" => MidpointRounding.ToNegativeInfinity,
        "rpi" => MidpointRounding.ToPositiveInfinity,
        _ => throw reader.Error("The conversion names no rounding to an integer."),
    };

    private static Op ConvertAddress(InstructionReader reader)
    {
        var isFromGeneric = reader.Take("to");
        var space = reader.TakeAny("global", "shared", "local", "const", "shared::cta")
            ?? throw reader.Error("The space is missing or not supported.");
        reader.TakeType();
        reader.Done(2);
        var (d, a) = (reader.Destination(0, Address), reader.Source(1, Address));
        var window = space switch { "local" => Window.Local, "shared" or "shared::cta" => Window.Shared, _ => 0UL };
        return new Binary<ulong, Add<ulong>>(d, a, reader.Constant(isFromGeneric ? 0 - window : window));
    }
}
