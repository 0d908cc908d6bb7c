using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Barriers, exchanges within a warp, and ends of threads. Branches and calls are the program's affair.</summary>
internal static class Control
{
    private static readonly ScalarType Word = ScalarType.Get("b32");
    private static readonly ScalarType Predicate = ScalarType.Get("pred");

    public static InstructionTable Instructions { get; } = new()
    {
        ["bar"] = reader => Barrier(reader, isAligned: true),
        ["barrier"] = reader => Barrier(reader, reader.Take("aligned")),
        ["shfl"] = Shuffle,
        ["vote"] = Vote,
        ["redux"] = Reduce,
        ["activemask"] = ActiveMask,
        ["ret"] = reader => Plain(reader, new ExitThread()),
        ["exit"] = reader => Plain(reader, new ExitThread()),
        ["trap"] = reader => Plain(reader, new Trap()),
        ["nanosleep"] = Pause,
    };

    private static Op Plain(InstructionReader reader, Op op)
    {
        reader.Take("uni");
        reader.Done(0);
        return op;
    }

    private static Pause Pause(InstructionReader reader)
    {
        reader.Take("u32");
        reader.Done(1);
        return new Pause();
    }

    private static Op Barrier(InstructionReader reader, bool isAligned)
    {
        reader.Take("cta");
        if (reader.Take("warp"))
        {
            reader.Take("sync");
            reader.Done(1);
            return new WarpBarrier(reader.Source(0, Word));
        }

        switch (reader.TakeAny("sync", "arrive", "red"))
        {
            case "sync":
                reader.Done(1, 2);
                return new BarrierOp(reader.Source(0, Word), Count(reader, 1, reader.Count), waits: true, isAligned);
            case "arrive":
                reader.Done(2);
                return new BarrierOp(reader.Source(0, Word), reader.Source(1, Word), waits: false, isAligned);
            case "red":
                return Reduction(reader, isAligned);
            default:
                throw reader.Error("The kind of barrier is not supported.");
        }
    }

    private static int Count(InstructionReader reader, int operand, int end) => operand < end ? reader.Source(operand, Word) : -1;

    private static BarrierOp Reduction(InstructionReader reader, bool isAligned)
    {
        var reduction = reader.TakeAny("and", "or", "popc") switch
        {
            "and" => Operations.Reduction.And,
            "or" => Operations.Reduction.Or,
            _ => Operations.Reduction.Count,
        };
        var type = reader.TakeType();
        reader.Done(3, 4);
        var predicate = reader.Predicate(reader.Count - 1, out var isNegated);
        return new BarrierOp(reader.Source(1, Word), Count(reader, 2, reader.Count - 1), waits: true, isAligned)
        {
            Reduction = reduction,
            Destination = reader.Destination(0, type),
            Predicate = predicate,
            IsNegated = isNegated,
        };
    }

    private static Shuffle Shuffle(InstructionReader reader)
    {
        reader.Take("sync");
        var mode = reader.TakeAny("up", "down", "bfly", "idx") switch
        {
            "up" => ShuffleMode.Up,
            "down" => ShuffleMode.Down,
            "bfly" => ShuffleMode.Butterfly,
            "idx" => ShuffleMode.Index,
            _ => throw reader.Error("The mode is missing."),
        };
        var type = reader.TakeType();
        reader.Done(5);
        var pair = reader.Instruction.Operands[0] as PairOperand;
        var d = pair is null ? reader.Destination(0, type) : reader.Register(pair.First.Name).Slot;
        return new Shuffle(
            mode,
            d,
            pair is null ? -1 : reader.Register(pair.Second.Name).Slot,
            reader.Source(1, type),
            reader.Source(2, Word),
            reader.Source(3, Word),
            reader.Source(4, Word));
    }

    private static Vote Vote(InstructionReader reader)
    {
        reader.Take("sync");
        var mode = reader.TakeAny("all", "any", "uni", "ballot") switch
        {
            "all" => VoteMode.All,
            "any" => VoteMode.Any,
            "uni" => VoteMode.Uniform,
            "ballot" => VoteMode.Ballot,
            _ => throw reader.Error("The mode is missing."),
        };
        var type = reader.TakeType();
        reader.Done(3);
        var predicate = reader.Predicate(1, out var isNegated);
        return new Vote(
            mode, reader.Destination(0, mode == VoteMode.Ballot ? type : Predicate), predicate, isNegated, reader.Source(2, Word));
    }

    private static Op Reduce(InstructionReader reader)
    {
        reader.Take("sync");
        var function = reader.TakeAny("add", "min", "max", "and", "or", "xor") switch
        {
            "add" => typeof(Add<>),
            "min" => typeof(Least<>),
            "max" => typeof(Greatest<>),
            "and" => typeof(And<>),
            "or" => typeof(Or<>),
            _ => typeof(Xor<>),
        };
        var type = reader.TakeType();
        reader.Done(3);
        return InstructionReader.Make(
            typeof(WarpReduce<,>),
            [type.Clr, function.MakeGenericType(type.Clr)],
            reader.Destination(0, type),
            reader.Source(1, type),
            reader.Source(2, Word));
    }

    private static ActiveMask ActiveMask(InstructionReader reader)
    {
        reader.Take("b32");
        reader.Done(1);
        return new ActiveMask(reader.Destination(0, Word));
    }
}
