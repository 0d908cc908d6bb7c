namespace MinRnn.Tests.PtxMachine.Parsing;

/// <summary>Reads the statements of a function.</summary>
internal sealed class BodyParser(TokenReader reader, Function function)
{
    /// <summary>Statements up to the closing brace; the opening one has been read.</summary>
    public void Parse(Scope scope)
    {
        string? label = null;
        while (!reader.TryTake("}"))
        {
            if (reader.TryTake("{"))
            {
                Parse(new Scope(scope));
                continue;
            }

            if (reader.TryTake(";"))
                continue;
            if (reader.Current.Text.StartsWith('.'))
            {
                Directive(scope, label);
                continue;
            }

            if (reader.Current.Kind == TokenKind.Word && reader.IsFollowedBy(":"))
            {
                label = reader.Word();
                reader.Expect(":");
                if (!scope.Labels.TryAdd(label, function.Instructions.Count))
                    throw reader.Error($"Label '{label}' stands twice.");
                continue;
            }

            function.Instructions.Add(Statement(scope));
        }
    }

    private void Directive(Scope scope, string? label)
    {
        var line = reader.Current.Line;
        switch (reader.Word())
        {
            case ".reg":
                Declarations.Registers(reader, scope);
                break;
            case ".local" or ".param":
                Declarations.Variable(reader, scope, VariableSpace.Local);
                break;
            case ".shared":
                Declarations.Variable(reader, scope, VariableSpace.Shared);
                break;
            case ".branchtargets" when label is not null:
                var targets = new List<string> { reader.Word() };
                while (reader.TryTake(","))
                    targets.Add(reader.Word());
                reader.Expect(";");
                scope.BranchTargets[label] = targets;
                break;
            case ".loc" or ".pragma" or ".file":
                while (reader.Current.Line == line)
                    reader.Take();
                break;
            case var other:
                throw reader.Error($"'{other}' is not known in a function.", line);
        }
    }

    private Instruction Statement(Scope scope)
    {
        var line = reader.Current.Line;
        NameOperand? guard = null;
        var isNegated = false;
        if (reader.TryTake("@"))
        {
            isNegated = reader.TryTake("!");
            guard = new NameOperand(reader.Word());
        }

        var opcode = reader.Word();
        var operands = new List<Operand>();
        while (!reader.TryTake(";"))
        {
            operands.Add(Operand());
            if (!reader.Is(";"))
                reader.Expect(",");
        }

        return new Instruction(opcode, operands, guard, isNegated, scope, line, reader.LineText(line));
    }

    private Operand Operand()
    {
        if (reader.TryTake("{"))
            return Vector("}");
        if (reader.TryTake("("))
            return Vector(")");
        if (reader.TryTake("["))
        {
            var name = reader.Current.Kind == TokenKind.Number ? (Operand)reader.Number() : new NameOperand(reader.Word());
            var offset = Offset();
            reader.Expect("]");
            return new AddressOperand(name, offset);
        }

        if (reader.TryTake("!"))
            return new NotOperand(new NameOperand(reader.Word()));
        if (reader.Current.Kind == TokenKind.Number || reader.Is("-"))
            return reader.Number();
        var first = new NameOperand(reader.Word());
        if (reader.TryTake("|"))
            return new PairOperand(first, new NameOperand(reader.Word()));
        return first with { Offset = Offset() };
    }

    private VectorOperand Vector(string end)
    {
        var elements = new List<Operand>();
        while (!reader.TryTake(end))
        {
            elements.Add(Operand());
            if (!reader.Is(end))
                reader.Expect(",");
        }

        return new VectorOperand(elements);
    }

    private long Offset()
    {
        if (reader.TryTake("+"))
            return (long)reader.Number().Bits;
        return reader.Is("-") ? (long)reader.Number().Bits : 0;
    }
}
