using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>An entry ready to run.</summary>
/// <param name="Name">Of the entry.</param>
/// <param name="Code">Operations, those of called functions among them.</param>
/// <param name="Source">What each operation was decoded from.</param>
/// <param name="Template">What a thread's slots begin with.</param>
/// <param name="SharedBytes">Shared memory whose size the text decides; the dynamic part follows it.</param>
/// <param name="LocalBytes">Memory of a thread.</param>
/// <param name="ParameterBytes">Size of all parameters.</param>
/// <param name="Globals">Slots that take the address of a variable of the module.</param>
internal sealed record CompiledProgram(
    string Name, Op[] Code, Instruction[] Source, ulong[] Template, int SharedBytes, int LocalBytes, int ParameterBytes,
    IReadOnlyList<(int Slot, Variable Variable, long Offset)> Globals);
