using System.Globalization;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.CharacterModel;

/// <summary>The characters of a text, numbered in ordinal order.</summary>
public sealed class Vocabulary
{
    /// <summary>Where a model's file keeps the vocabulary, as <see cref="ToString"/> writes it.</summary>
    public const string Key = "vocabulary";

    /// <summary>Where a model's file keeps the name of its network.</summary>
    public const string NetworkKey = "network";

    private readonly char[] _characters;
    private readonly Dictionary<char, int> _tokens;

    /// <summary>Collects the characters of a text.</summary>
    public Vocabulary(string text)
        : this([.. text.Distinct().Order()])
    {
    }

    private Vocabulary(char[] characters)
    {
        _characters = characters;
        _tokens = _characters.Select((character, token) => KeyValuePair.Create(character, token)).ToDictionary();
    }

    /// <summary>Characters, V.</summary>
    public int Size => _characters.Length;

    /// <summary>Reads back what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="UserErrorException">It is no vocabulary of that size.</exception>
    public static Vocabulary Parse(string text, int size)
    {
        var characters = new List<char>();
        foreach (var code in text.Split(' '))
        {
            if (!ushort.TryParse(code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var character)
                || (characters.Count > 0 && character <= characters[^1]))
            {
                throw new UserErrorException($"'{code}' is not the next character of a vocabulary.");
            }

            characters.Add((char)character);
        }

        return characters.Count == size
            ? new Vocabulary([.. characters])
            : throw new UserErrorException($"The vocabulary has {characters.Count} characters, wanted {size}.");
    }

    /// <summary>The characters' codes: half of a surrogate pair is one too, and would not survive as text.</summary>
    public override string ToString() => string.Join(' ', _characters.Select(character => ((int)character).ToString("x4", CultureInfo.InvariantCulture)));

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
