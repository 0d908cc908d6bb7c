using MinRnn.Tests.PtxMachine.Operations;
using MinRnn.Tests.PtxMachine.Parsing;

namespace MinRnn.Tests.PtxMachine.Decoding;

/// <summary>Decodes an entry, with the functions that it calls in their places.</summary>
internal sealed class ProgramDecoder(IReadOnlyList<Function> functions)
{
    private const int MaxDepth = 64;

    private readonly Slots slots = new();
    private readonly List<Op> code = [];
    private readonly List<Instruction> source = [];

    public CompiledProgram Decode(Function entry)
    {
        Expand(new Frame(entry, null, []), 0);
        var end = entry.Instructions.Count > 0
            ? entry.Instructions[^1]
            : new Instruction("ret", [], null, false, entry.Body!, 0, "");
        Emit(new ExitThread(), end);
        var template = slots.Finish();
        var parameters = entry.Parameters.Count == 0 ? 0 : entry.Parameters[^1].Offset + entry.Parameters[^1].Bytes;
        return new CompiledProgram(
            entry.Name, [.. code], [.. source], template, slots.SharedBytes, slots.LocalBytes, (int)parameters, slots.Globals);
    }

    private void Emit(Op op, Instruction instruction)
    {
        code.Add(op);
        source.Add(instruction);
    }

    private void Expand(Frame frame, int depth)
    {
        var function = frame.Function;
        var positions = new int[function.Instructions.Count + 1];
        for (var i = 0; i < function.Instructions.Count; i++)
        {
            positions[i] = code.Count;
            Decode(frame, function.Instructions[i], depth);
        }

        positions[^1] = code.Count;
        foreach (var (branch, target, label, at) in frame.Branches)
            branch.Targets[target] = label is null ? positions[^1] : positions[Find(label, at)];
    }

    private static int Find(string label, Instruction at)
    {
        for (var scope = at.Scope; scope is not null; scope = scope.Parent)
        {
            if (scope.Labels.TryGetValue(label, out var index))
                return index;
        }

        throw new PtxSyntaxException($"Label '{label}' is missing.", at.Line, at.Text);
    }

    private void Decode(Frame frame, Instruction instruction, int depth)
    {
        var reader = new InstructionReader(instruction, frame, slots);
        var guard = instruction.Guard is { } name ? reader.Source(name, ScalarType.Get("pred")) : -1;
        if (reader.Name == "call")
        {
            Call(reader, guard, depth);
            return;
        }

        if (reader.Name == "bra")
        {
            reader.Take("uni");
            reader.Done(1);
            BranchOp branch = guard < 0 ? new Branch() : new BranchIf(guard, instruction.IsGuardNegated);
            frame.Branches.Add((branch, 0, Name(reader, 0), instruction));
            Emit(branch, instruction);
            return;
        }

        var op = reader.Name switch
        {
            "brx" => Table(reader),
            "ret" when frame.Caller is not null => Return(reader),
            _ => Dispatch.Decode(reader),
        };
        Emit(guard < 0 ? op : new Guarded(op, guard, instruction.IsGuardNegated), instruction);
    }

    private static string Name(InstructionReader reader, int operand) =>
        (reader.Instruction.Operands[operand] as NameOperand)?.Name ?? throw reader.Error("A name is missing.");

    private static Branch Return(InstructionReader reader)
    {
        reader.Take("uni");
        reader.Done(0);
        var branch = new Branch();
        reader.Frame.Branches.Add((branch, 0, null, reader.Instruction));
        return branch;
    }

    private static BranchByIndex Table(InstructionReader reader)
    {
        reader.Take("idx");
        reader.Take("uni");
        reader.Done(2);
        var list = Name(reader, 1);
        for (var scope = reader.Instruction.Scope; scope is not null; scope = scope.Parent)
        {
            if (!scope.BranchTargets.TryGetValue(list, out var labels))
                continue;
            var branch = new BranchByIndex(reader.Source(0, ScalarType.Get("u32")), labels.Count);
            for (var i = 0; i < labels.Count; i++)
                reader.Frame.Branches.Add((branch, i, labels[i], reader.Instruction));
            return branch;
        }

        throw reader.Error($"Branch targets '{list}' are missing.");
    }

    /// <summary>Expands a function in place; its parameters are the caller's variables.</summary>
    private void Call(InstructionReader reader, int guard, int depth)
    {
        reader.Take("uni");
        reader.Done(1, 3);
        var operands = reader.Instruction.Operands;
        var place = operands[0] is VectorOperand ? 1 : 0;
        var results = place == 1 ? ((VectorOperand)operands[0]).Elements : [];
        var arguments = operands.Count > place + 1 ? ((VectorOperand)operands[place + 1]).Elements : [];
        var name = Name(reader, place);
        var candidates = functions.Where(function => function.Name == name && !function.IsEntry).ToList();
        if (candidates.Count == 0)
            throw reader.Error($"Function '{name}' is missing.");
        BranchIf? skip = null;
        if (guard >= 0)
            Emit(skip = new BranchIf(guard, !reader.Instruction.IsGuardNegated), reader.Instruction);
        if (candidates.Find(candidate => candidate.Body is not null) is { } function)
        {
            if (depth == MaxDepth)
                throw reader.Error("Calls are nested too deeply, or recursive.");
            var bindings = new Dictionary<Variable, Variable>();
            Bind(reader, function.Results, results, bindings);
            Bind(reader, function.Parameters, arguments, bindings);
            Expand(new Frame(function, reader.Frame, bindings), depth + 1);
        }
        else
        {
            Emit(new MissingFunction(name), reader.Instruction);
        }

        if (skip is not null)
            skip.Targets[0] = code.Count;
    }

    private void Bind(
        InstructionReader reader, List<Variable> formal, IReadOnlyList<Operand> actual, Dictionary<Variable, Variable> bindings)
    {
        if (formal.Count != actual.Count)
            throw reader.Error($"{formal.Count} parameters are wanted instead of {actual.Count}.");
        for (var i = 0; i < formal.Count; i++)
        {
            var variable = actual[i] is NameOperand name ? Slots.Variable(reader.Frame, reader.Instruction.Scope, name.Name) : null;
            bindings[formal[i]] = variable ?? throw reader.Error("An argument is no variable.");

            // Placed before the function is expanded, whose own frame must not hold it.
            if (variable.Space == VariableSpace.Local)
                slots.Local(reader.Frame, variable);
        }
    }
}
