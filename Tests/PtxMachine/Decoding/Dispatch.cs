using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Instructions by their names.</summary>
internal static class Dispatch
{
    private static readonly InstructionTable[] Tables =
        [Arithmetic.Instructions, Bitwise.Instructions, Conversion.Instructions, MemoryAccess.Instructions, Control.Instructions];

    public static Op Decode(InstructionReader reader)
    {
        foreach (var table in Tables)
        {
            if (table.TryGetValue(reader.Name, out var decode))
                return decode(reader);
        }

        throw reader.Error($"Instruction '{reader.Name}' is not supported.");
    }
}

/// <summary>How instructions of a kind are decoded, by their names.</summary>
internal sealed class InstructionTable : Dictionary<string, Func<InstructionReader, Op>>;
