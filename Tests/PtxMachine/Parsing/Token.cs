namespace MinRnn.Tests.PtxMachine.Parsing;

internal enum TokenKind
{
    Word,
    Number,
    Text,
    Mark,
    End,
}

/// <summary>A word (names, opcodes and directives, with their dots), a number, a quoted text or a single mark.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line);
