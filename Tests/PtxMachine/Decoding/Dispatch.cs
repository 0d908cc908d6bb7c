using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Instructions by their names.</summary>
internal static class Dispatch
{
    private static readonly Dictionary<string, Func<InstructionReader, Op>> All = new(
        [.. Arithmetic.Instructions, .. Bitwise.Instructions, .. Conversion.Instructions, .. MemoryAccess.Instructions, .. Control.Instructions]);

    public static Op Decode(InstructionReader reader) =>
        All.TryGetValue(reader.Name, out var decode) ? decode(reader) : throw reader.Error($"Instruction '{reader.Name}' is not supported.");
}
