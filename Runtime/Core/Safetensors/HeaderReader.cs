using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MinRnn.Safetensors;

/// <summary>
/// Reads the header of a safetensors file, trusting nothing of it. What it allocates is bounded by the header's own length, which is
/// bounded by the file's.
/// </summary>
internal ref struct HeaderReader
{
    /// <summary>Bytes of a header at most, as in the format's own library.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>Dimensions at most: more than any tensor library has.</summary>
    public const int MaxRank = 64;

    public const string MetadataName = "__metadata__";

    private readonly string file;
    private readonly long dataStart;
    private readonly long dataLength;
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> tensors = [];
    private Utf8JsonReader json;

    private HeaderReader(string file, ReadOnlySpan<byte> header, long fileLength)
    {
        this.file = file;
        dataStart = sizeof(ulong) + header.Length;
        dataLength = fileLength - dataStart;
        json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 3 });
    }

    /// <summary>Bytes of the header that follow the first eight of a file.</summary>
    /// <exception cref="SafetensorsException">The length cannot be true.</exception>
    public static int Length(string file, ulong stored, long fileLength)
    {
        if (stored > MaxLength)
            throw new SafetensorsException($"{file}: this is no safetensors file: by its first eight bytes the header would have {stored} bytes, at most {MaxLength} are allowed.");
        if ((long)stored > fileLength - sizeof(ulong))
            throw new SafetensorsException($"{file}: the header has {stored} bytes, and only {fileLength - sizeof(ulong)} follow in the file.");
        return (int)stored;
    }

    /// <summary>The tensors in the order of their bytes, and the metadata.</summary>
    /// <exception cref="SafetensorsException">The header is not valid, or does not fit the file.</exception>
    public static (IReadOnlyList<TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(
        string file, ReadOnlySpan<byte> header, long fileLength)
    {
        if (header is not [(byte)'{', ..])
            throw new SafetensorsException($"{file}: the header does not begin with '{{'.");
        if (!Utf8.IsValid(header))
            throw new SafetensorsException($"{file}: the header is not valid UTF-8.");
        var reader = new HeaderReader(file, header, fileLength);
        try
        {
            reader.ReadAll();
        }
        catch (JsonException error)
        {
            throw new SafetensorsException($"{file}: the header is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // An escaped half of a surrogate pair is valid JSON, but no text.
            throw new SafetensorsException($"{file}: the header has a string that is no text: {error.Message}", error);
        }

        reader.CheckLayout();
        return (reader.tensors, reader.metadata);
    }

    /// <summary>A name from a file, as messages may show it: short, and on one line.</summary>
    public static string Quote(string name)
    {
        const int Longest = 80;
        var text = new StringBuilder("'");
        foreach (var c in name.AsSpan(0, int.Min(name.Length, Longest)))
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return text.Append(name.Length > Longest ? "...'" : "'").ToString();
    }

    private void ReadAll()
    {
        json.Read();
        while (NextName() is { } name)
        {
            if (!names.Add(name))
                throw Fail($"the name {Quote(name)} stands twice in the header");
            json.Read();
            if (name == MetadataName)
                ReadMetadata();
            else
                tensors.Add(ReadTensor(name));
        }

        // Only blanks may follow; the reader throws at anything else.
        while (json.Read())
        {
        }
    }

    private void ReadMetadata()
    {
        Require(JsonTokenType.StartObject, MetadataName, "an object of strings");
        while (NextName() is { } key)
        {
            json.Read();
            Require(JsonTokenType.String, $"{MetadataName} {Quote(key)}", "a string");
            if (!metadata.TryAdd(key, json.GetString()!))
                throw Fail($"{MetadataName} has the key {Quote(key)} twice");
        }
    }

    private TensorEntry ReadTensor(string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        Require(JsonTokenType.StartObject, Quote(name), "an object with dtype, shape and data_offsets");
        while (NextName() is { } field)
        {
            json.Read();
            switch (field)
            {
                case "dtype" when type is null:
                    Require(JsonTokenType.String, $"dtype of {Quote(name)}", "a string");
                    type = json.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers($"shape of {Quote(name)}", MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers($"data_offsets of {Quote(name)}", 2);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fail($"{Quote(name)} has {field} twice");
                default:
                    throw Fail($"{Quote(name)} has the field {Quote(field)}, which the format does not know");
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
            throw Fail($"{Quote(name)} lacks dtype, shape or two data_offsets");
        var length = Bytes(name, type, shape);
        if (begin > end || end > dataLength)
            throw Fail($"{Quote(name)} lies from byte {begin} to {end} of {dataLength}");
        if (end - begin != length)
            throw Fail($"{Quote(name)}, {type} {TensorEntry.Print(shape)}, has {end - begin} bytes, wanted {length}");
        return new TensorEntry(name, type, shape, dataStart + begin, length);
    }

    private readonly long Bytes(string name, string type, List<long> shape)
    {
        var bits = ElementTypes.Bits(type);
        if (bits == 0)
            throw Fail($"{Quote(name)} has the dtype {Quote(type)}, which the format does not know");
        try
        {
            var total = checked(shape.Aggregate(1L, (product, size) => checked(product * size)) * bits);
            return total % 8 == 0 ? total / 8 : throw Fail($"{Quote(name)}, {type} {TensorEntry.Print(shape)}, does not fill whole bytes");
        }
        catch (OverflowException)
        {
            throw Fail($"{Quote(name)}, {type} {TensorEntry.Print(shape)}, has more bytes than 64 bits can count");
        }
    }

    private List<long> ReadNumbers(string what, int most)
    {
        Require(JsonTokenType.StartArray, what, "an array of integers");
        var numbers = new List<long>(4);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number) || number < 0)
                throw Fail($"{what} has a value that is no 64-bit integer from 0");
            if (numbers.Count == most)
                throw Fail($"{what} has more than {most} values");
            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>The name of the next member of an object; null at its end.</summary>
    private string? NextName()
    {
        json.Read();
        return json.TokenType == JsonTokenType.PropertyName ? json.GetString() : null;
    }

    private readonly void Require(JsonTokenType type, string what, string wanted)
    {
        if (json.TokenType != type)
            throw Fail($"{what} is not {wanted}");
    }

    /// <summary>The tensors fill the data from end to end: bytes of two tensors, or of none, are a way to hide things.</summary>
    private readonly void CheckLayout()
    {
        tensors.Sort((left, right) => left.Offset != right.Offset
            ? left.Offset.CompareTo(right.Offset)
            : left.Length.CompareTo(right.Length));
        var end = dataStart;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset < end)
                throw Fail($"{Quote(tensor.Name)} overlaps the tensor before it by {end - tensor.Offset} bytes");
            if (tensor.Offset > end)
                throw Fail($"{tensor.Offset - end} bytes before {Quote(tensor.Name)} belong to no tensor");
            end = tensor.Offset + tensor.Length;
        }

        if (end != dataStart + dataLength)
            throw Fail($"{dataStart + dataLength - end} bytes at the end belong to no tensor");
    }

    private readonly SafetensorsException Fail(string what) => new($"{file}: {what}.");
}
