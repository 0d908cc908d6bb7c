using System.Globalization;

namespace MinRnn.Tests.PtxMachine.Parsing;

/// <summary>Walks over the tokens of a text.</summary>
internal sealed class TokenReader(string text)
{
    private readonly List<Token> tokens = new Tokenizer(text).Read();
    private readonly string[] lines = text.Split('\n');
    private int position;

    public Token Current => tokens[position];

    public bool IsAtEnd => Current.Kind == TokenKind.End;

    public string LineText(int line) => line <= lines.Length ? lines[line - 1].Trim() : "";

    public bool Is(string expected) => Current.Kind is TokenKind.Word or TokenKind.Mark && Current.Text == expected;

    /// <summary>The token after the current one.</summary>
    public bool IsFollowedBy(string expected) => position + 1 < tokens.Count && tokens[position + 1].Text == expected;

    public Token Take() => IsAtEnd ? throw Error("The text ends too early.") : tokens[position++];

    public bool TryTake(string expected)
    {
        if (!Is(expected))
            return false;
        position++;
        return true;
    }

    public void Expect(string expected)
    {
        if (!TryTake(expected))
            throw Error($"Expected '{expected}' instead of '{Current.Text}'.");
    }

    public string Word() => Current.Kind == TokenKind.Word ? Take().Text : throw Error($"Expected a name instead of '{Current.Text}'.");

    public int Integer() => checked((int)(long)Number().Bits);

    public NumberOperand Number()
    {
        var isNegative = TryTake("-");
        if (Current.Kind != TokenKind.Number)
            throw Error($"Expected a number instead of '{Current.Text}'.");
        var number = Parse(Current.Text) ?? throw Error($"'{Current.Text}' is not a number.");
        position++;
        if (!isNegative)
            return number;
        return number.Kind switch
        {
            NumberKind.Integer => number with { Bits = 0 - number.Bits },
            NumberKind.Single => number with { Bits = number.Bits ^ 0x8000_0000 },
            _ => number with { Bits = number.Bits ^ (1UL << 63) },
        };
    }

    public PtxSyntaxException Error(string message) => Error(message, Current.Line);

    public PtxSyntaxException Error(string message, int line) => new(message, line, LineText(line));

    private static NumberOperand? Parse(string digits)
    {
        const NumberStyles Hexadecimal = NumberStyles.AllowHexSpecifier;
        var culture = CultureInfo.InvariantCulture;
        if (digits.Length == 10 && digits[..2] is "0f" or "0F")
            return uint.TryParse(digits[2..], Hexadecimal, culture, out var single) ? new NumberOperand(single, NumberKind.Single) : null;
        if (digits.Length == 18 && digits[..2] is "0d" or "0D")
            return ulong.TryParse(digits[2..], Hexadecimal, culture, out var bits) ? new NumberOperand(bits, NumberKind.Double) : null;
        if (digits.Contains('.'))
        {
            return double.TryParse(digits, NumberStyles.Float, culture, out var fraction)
                ? new NumberOperand(BitConverter.DoubleToUInt64Bits(fraction), NumberKind.Double)
                : null;
        }

        digits = digits.TrimEnd('U', 'u');
        var isHexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHexadecimal ? digits[2..] : digits, isHexadecimal ? Hexadecimal : NumberStyles.None, culture, out var value)
            ? new NumberOperand(value, NumberKind.Integer)
            : null;
    }
}
