using MinRnn.Samples.Common;

namespace MinRnn.Samples.CharacterModel;

/// <summary>The characters of a text, numbered in ordinal order.</summary>
public sealed class Vocabulary
{
    private readonly char[] _characters;
    private readonly Dictionary<char, int> _tokens;

    /// <summary>Collects the characters of a text.</summary>
    public Vocabulary(string text)
    {
        _characters = [.. text.Distinct().Order()];
        _tokens = _characters.Select((character, token) => KeyValuePair.Create(character, token)).ToDictionary();
    }

    /// <summary>Characters, V.</summary>
    public int Size => _characters.Length;

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="UserErrorException">A character is not in the vocabulary.</exception>
    public long[] Encode(string text)
    {
        var tokens = new long[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            tokens[i] = _tokens.TryGetValue(text[i], out var token)
                ? token
                : throw new UserErrorException($"The character '{text[i]}' (U+{(int)text[i]:X4}) does not occur in the text.");
        }

        return tokens;
    }

    /// <summary>The character of a token.</summary>
    public char Decode(int token) => _characters[token];
}
