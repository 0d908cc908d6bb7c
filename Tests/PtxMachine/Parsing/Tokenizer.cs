namespace MinRnn.Tests.PtxMachine.Parsing;

/// <summary>Splits a text of PTX into tokens.</summary>
internal sealed class Tokenizer(string text)
{
    private int position;
    private int line = 1;

    public List<Token> Read()
    {
        var tokens = new List<Token>();
        while (SkipBlank())
            tokens.Add(Next());
        tokens.Add(new Token(TokenKind.End, "", line));
        return tokens;
    }

    private static bool BeginsWord(char c) => char.IsAsciiLetter(c) || c is '_' or '%' or '$' or '.';

    private static bool ContinuesWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '.' or '%';

    private char Peek(int ahead = 0) => position + ahead < text.Length ? text[position + ahead] : '\0';

    private bool SkipBlank()
    {
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(Peek()))
                Step();
            else if (Peek() == '/' && Peek(1) == '/')
                SkipUntil("\n");
            else if (Peek() == '/' && Peek(1) == '*')
                SkipUntil("*/");
            else
                return true;
        }

        return false;
    }

    private void SkipUntil(string end)
    {
        var found = text.IndexOf(end, position, StringComparison.Ordinal);
        var stop = found < 0 ? text.Length : found + end.Length;
        while (position < stop)
            Step();
    }

    private void Step()
    {
        if (text[position++] == '\n')
            line++;
    }

    private Token Next()
    {
        var start = position;
        if (Peek() == '"')
        {
            position++;
            while (position < text.Length && Peek() != '"')
                Step();
            position = Math.Min(position + 1, text.Length);
            return new Token(TokenKind.Text, text[start..position].Trim('"'), line);
        }

        if (char.IsAsciiDigit(Peek()))
        {
            while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == '.' || (Peek() is '+' or '-' && IsDecimalExponent(start)))
                position++;
            return new Token(TokenKind.Number, text[start..position], line);
        }

        if (BeginsWord(Peek()))
        {
            position++;

            // Some modifiers hold a doubled colon; a single one ends a label.
            while (ContinuesWord(Peek()) || (Peek() == ':' && Peek(1) == ':'))
                position += Peek() == ':' ? 2 : 1;
            return new Token(TokenKind.Word, text[start..position], line);
        }

        position++;
        return new Token(TokenKind.Mark, text[start..position], line);
    }

    private bool IsDecimalExponent(int start) => text[position - 1] is 'e' or 'E' && text.AsSpan(start, position - start).Contains('.');
}
