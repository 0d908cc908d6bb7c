using MinRnn.Tests.PtxMachine.Decoding;

namespace MinRnn.Tests.PtxMachine.Parsing;

/// <summary>Reads declarations of variables and registers.</summary>
internal static class Declarations
{
    /// <summary>Variables up to the semicolon, entered into a scope.</summary>
    public static void Variable(TokenReader reader, Scope scope, VariableSpace space)
    {
        var variable = Single(reader, space);
        scope.Variables[variable.Name] = variable;
        reader.Expect(";");
    }

    /// <summary><c>.align 8 .b8 name[16] = {…}</c>.</summary>
    public static Variable Single(TokenReader reader, VariableSpace space)
    {
        int? alignment = null;
        var width = 1;
        ScalarType? type = null;
        while (reader.Current.Text.StartsWith('.'))
        {
            switch (reader.Word())
            {
                case ".align":
                    alignment = reader.Integer();
                    break;
                case ".v2":
                    width = 2;
                    break;
                case ".v4":
                    width = 4;
                    break;
                case ".ptr" or ".global" or ".shared" or ".local" or ".const":
                    break;
                case var word:
                    type = ScalarType.Find(word[1..]) ?? throw reader.Error($"'{word}' is not a type.");
                    break;
            }
        }

        if (type is null)
            throw reader.Error("A variable has no type.");
        var name = reader.Word();
        long count = width;
        var isDynamic = false;
        while (reader.TryTake("["))
        {
            isDynamic = reader.Is("]");
            count *= isDynamic ? 0 : reader.Integer();
            reader.Expect("]");
        }

        var initial = reader.TryTake("=") ? Initial(reader, type, count) : null;
        if (isDynamic && initial is not null)
            (isDynamic, count) = (false, initial.Length / type.Bytes);
        return new Variable(name, space, alignment ?? (type.Bytes * width), count * type.Bytes) { Initial = initial, IsDynamic = isDynamic };
    }

    /// <summary><c>.b32 %r&lt;9&gt;, %other</c>.</summary>
    public static void Registers(TokenReader reader, Scope scope)
    {
        var word = reader.Word();
        if (ScalarType.Find(word[1..]) is not { } type)
            throw reader.Error($"'{word}' is not a type.");
        do
        {
            var name = reader.Word();
            var count = -1;
            if (reader.TryTake("<"))
            {
                count = reader.Integer();
                reader.Expect(">");
            }

            scope.Families.Add(new RegisterFamily(name, count, type.Name));
        }
        while (reader.TryTake(","));
        reader.Expect(";");
    }

    private static byte[] Initial(TokenReader reader, ScalarType type, long count)
    {
        var bytes = new List<byte>();
        var isList = reader.TryTake("{");
        do
        {
            var number = reader.Number();
            var bits = number.Kind == NumberKind.Double && type.Bytes == 4
                ? BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(number.Bits))
                : number.Bits;
            bytes.AddRange(BitConverter.GetBytes(bits).Take(type.Bytes));
        }
        while (isList && reader.TryTake(","));
        if (isList)
            reader.Expect("}");
        while (bytes.Count < count * type.Bytes)
            bytes.Add(0);
        return [.. bytes];
    }
}
