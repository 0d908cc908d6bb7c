using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Arithmetic, comparisons and functions.</summary>
internal static class Arithmetic
{
    private static readonly Type[] Templates = [typeof(Unary<,>), typeof(Binary<,>), typeof(Ternary<,>)];
    private static readonly Type[] Flushes = [typeof(FlushedUnary<,>), typeof(FlushedBinary<,>), typeof(FlushedTernary<,>)];
    private static readonly Type[] Saturations = [typeof(SaturatedUnary<,>), typeof(SaturatedBinary<,>), typeof(SaturatedTernary<,>)];

    private static readonly Dictionary<string, Type> Tests = new()
    {
        ["eq"] = typeof(Equal<>),
        ["ne"] = typeof(NotEqual<>),
        ["lt"] = typeof(Less<>),
        ["le"] = typeof(LessOrEqual<>),
        ["gt"] = typeof(Greater<>),
        ["ge"] = typeof(GreaterOrEqual<>),
        ["lo"] = typeof(Less<>),
        ["ls"] = typeof(LessOrEqual<>),
        ["hi"] = typeof(Greater<>),
        ["hs"] = typeof(GreaterOrEqual<>),
        ["equ"] = typeof(EqualUnordered<>),
        ["neu"] = typeof(NotEqualUnordered<>),
        ["ltu"] = typeof(LessUnordered<>),
        ["leu"] = typeof(LessOrEqualUnordered<>),
        ["gtu"] = typeof(GreaterUnordered<>),
        ["geu"] = typeof(GreaterOrEqualUnordered<>),
        ["num"] = typeof(AreNumbers<>),
        ["nan"] = typeof(IsAnyNaN<>),
    };

    private static readonly Dictionary<string, Type> Classes = new()
    {
        ["finite"] = typeof(IsFinite<>),
        ["infinite"] = typeof(IsInfinite<>),
        ["number"] = typeof(IsNumber<>),
        ["notanumber"] = typeof(IsNaN<>),
        ["normal"] = typeof(IsNormal<>),
        ["subnormal"] = typeof(IsSubnormal<>),
    };

    public static InstructionTable Instructions { get; } = new()
    {
        ["add"] = reader => Calculate(reader, 2, typeof(Add<>), typeof(Add<>)),
        ["sub"] = reader => Calculate(reader, 2, typeof(Subtract<>), typeof(Subtract<>)),
        ["mul"] = reader => Product(reader, 2),
        ["mad"] = reader => Product(reader, 3),
        ["fma"] = reader => Calculate(reader, 3, null, typeof(Fused<>)),
        ["div"] = reader => Calculate(reader, 2, typeof(Divide<>), typeof(Quotient<>)),
        ["rem"] = reader => Calculate(reader, 2, typeof(Remainder<>), null),
        ["min"] = reader => Calculate(reader, 2, typeof(Least<>), reader.Take("NaN") ? typeof(MinOrNaN<>) : typeof(MinNumber<>)),
        ["max"] = reader => Calculate(reader, 2, typeof(Greatest<>), reader.Take("NaN") ? typeof(MaxOrNaN<>) : typeof(MaxNumber<>)),
        ["abs"] = reader => Calculate(reader, 1, typeof(Absolute<>), typeof(Magnitude<>)),
        ["neg"] = reader => Calculate(reader, 1, typeof(Negate<>), typeof(Opposite<>)),
        ["sad"] = reader => Calculate(reader, 3, typeof(SumOfDifferences<>), null),
        ["copysign"] = reader => Calculate(reader, 2, null, typeof(CopySign<>)),
        ["rcp"] = reader => Calculate(reader, 1, null, typeof(Reciprocal<>)),
        ["sqrt"] = reader => Calculate(reader, 1, null, typeof(Root<>)),
        ["rsqrt"] = reader => Calculate(reader, 1, null, typeof(ReciprocalRoot<>)),
        ["ex2"] = reader => Calculate(reader, 1, null, typeof(Power2<>)),
        ["lg2"] = reader => Calculate(reader, 1, null, typeof(Logarithm2<>)),
        ["sin"] = reader => Calculate(reader, 1, null, typeof(Sine<>)),
        ["cos"] = reader => Calculate(reader, 1, null, typeof(Cosine<>)),
        ["tanh"] = reader => Calculate(reader, 1, null, typeof(HyperbolicTangent<>)),
        ["setp"] = Compare,
        ["testp"] = Classify,
        ["selp"] = Select,
    };

    /// <summary>An operation by its type: one for integers, one for floating-point numbers; null where there is none.</summary>
    private static Op Calculate(InstructionReader reader, int operands, Type? integer, Type? real)
    {
        // Every result is rounded to nearest, approximations too.
        reader.TakeAny("rn", "approx", "full");
        var type = reader.TakeType();
        var operation = (type.IsFloat ? real : type.IsInteger ? integer : null)
            ?? throw reader.Error($"'{reader.Name}' has no form for .{type.Name}.");
        return Finish(reader, operands, type, operation);
    }

    private static Op Finish(InstructionReader reader, int operands, ScalarType type, Type operation)
    {
        operation = operation.MakeGenericType(type.Clr);
        if (type is { IsFloat: true, Bytes: < 8 })
        {
            if (reader.Take("ftz"))
                operation = Flushes[operands - 1].MakeGenericType(type.Clr, operation);
            if (reader.Take("sat"))
                operation = Saturations[operands - 1].MakeGenericType(type.Clr, operation);
        }

        reader.Done(operands + 1);
        var arguments = new object[operands + 1];
        arguments[0] = reader.Destination(0, type);
        for (var i = 1; i <= operands; i++)
            arguments[i] = reader.Source(i, type);
        return InstructionReader.Make(Templates[operands - 1], [type.Clr, operation], arguments);
    }

    private static Op Product(InstructionReader reader, int operands)
    {
        if (reader.TakeAny("lo", "hi", "wide") is not { } part)
            return Calculate(reader, operands, null, operands == 2 ? typeof(Multiply<>) : typeof(Fused<>));
        var type = reader.TakeType();
        if (part != "wide")
        {
            return Finish(
                reader,
                operands,
                type,
                (part, operands) switch
                {
                    ("lo", 2) => typeof(Multiply<>),
                    ("lo", _) => typeof(MultiplyAdd<>),
                    (_, 2) => typeof(MultiplyHigh<>),
                    _ => typeof(MultiplyHighAdd<>),
                });
        }

        var wide = ScalarType.Find($"{type.Name[0]}{type.Bytes * 16}")
            ?? throw reader.Error($"There is no type twice as wide as .{type.Name}.");
        reader.Done(operands + 1);
        object[] arguments = [reader.Destination(0, wide), reader.Source(1, type), reader.Source(2, type)];
        return operands == 2
            ? InstructionReader.Make(typeof(Widen<,>), [type.Clr, wide.Clr], arguments)
            : InstructionReader.Make(typeof(WidenAdd<,>), [type.Clr, wide.Clr], [.. arguments, reader.Source(3, wide)]);
    }

    private static Op Compare(InstructionReader reader)
    {
        var comparison = reader.TakeAny([.. Tests.Keys]) ?? throw reader.Error("The comparison is missing.");
        var combine = reader.TakeAny("and", "or", "xor");
        var type = reader.TakeType();
        var test = Tests[comparison].MakeGenericType(type.Clr);
        if (type is { IsFloat: true, Bytes: < 8 } && reader.Take("ftz"))
            test = typeof(FlushedTest<,>).MakeGenericType(type.Clr, test);
        reader.Done(combine is null ? 3 : 4);
        var (d, opposite) = PredicatePair(reader, 0);
        var (a, b) = (reader.Source(1, type), reader.Source(2, type));
        if (combine is null && opposite < 0)
            return InstructionReader.Make(typeof(Compare<,>), [type.Clr, test], d, a, b);

        // Without a predicate to combine with, "and true" gives both destinations.
        var isNegated = false;
        var c = combine is null ? reader.Constant(1) : reader.Predicate(3, out isNegated);
        var combination = combine switch { "or" => typeof(Or<byte>), "xor" => typeof(Xor<byte>), _ => typeof(And<byte>) };
        return InstructionReader.Make(typeof(CompareWith<,,>), [type.Clr, test, combination], d, opposite, a, b, c, isNegated);
    }

    private static (int First, int Second) PredicatePair(InstructionReader reader, int operand)
    {
        if (reader.Instruction.Operands[operand] is not Parsing.PairOperand pair)
            return (reader.Destination(operand, ScalarType.Get("pred")), -1);
        return (reader.Register(pair.First.Name).Slot, reader.Register(pair.Second.Name).Slot);
    }

    private static Op Classify(InstructionReader reader)
    {
        var kind = reader.TakeAny([.. Classes.Keys]) ?? throw reader.Error("The property is missing.");
        var type = reader.TakeType();
        reader.Done(2);
        return InstructionReader.Make(
            typeof(Classify<,>),
            [type.Clr, Classes[kind].MakeGenericType(type.Clr)],
            reader.Destination(0, ScalarType.Get("pred")),
            reader.Source(1, type));
    }

    private static Select Select(InstructionReader reader)
    {
        var type = reader.TakeType();
        reader.Done(4);
        var predicate = reader.Predicate(3, out var isNegated);

        // ILGPU writes constants of single precision into selp.b32: bits are bits.
        return new Select(reader.Destination(0, type), reader.Source(1, type), reader.Source(2, type), predicate, isNegated);
    }
}
