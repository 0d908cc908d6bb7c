using System.Buffers.Binary;
using System.Text;

namespace MinRnn.Torch.Loading;

/// <summary>
/// The parts of a 64-bit little-endian x86-64 ELF shared object that symbol versions live in, over the file's bytes.
/// Every read is checked against the file's length: a malformed file gives <see cref="BadImageFormatException"/>.
/// </summary>
internal sealed class ElfImage
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const ushort SharedObject = 3;
    private const ushort X86_64 = 62;

    private readonly byte[] _bytes;
    private readonly Section[] _sections;

    public ElfImage(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < HeaderSize || !bytes.AsSpan(0, 4).SequenceEqual("\u007fELF"u8))
            throw new BadImageFormatException("not an ELF file");
        if (bytes[4] != 2 || bytes[5] != 1)
            throw new BadImageFormatException("not a 64-bit little-endian ELF file");
        if (ReadUInt16(16) != SharedObject || ReadUInt16(18) != X86_64)
            throw new BadImageFormatException("not an x86-64 shared object");
        if (ReadUInt16(58) != SectionHeaderSize)
            throw new BadImageFormatException("no section headers");

        var table = ReadOffset(40);
        _sections = new Section[ReadUInt16(60)];
        for (var i = 0; i < _sections.Length; i++)
        {
            var header = checked(table + (i * SectionHeaderSize));
            var kind = (SectionKind)ReadUInt32(header + 4);
            // A section of kind NoBits takes no room in the file.
            var section = new Section(kind, ReadOffset(header + 24), ReadOffset(header + 32), ReadUInt32(header + 40));
            if (kind is not (SectionKind.None or SectionKind.NoBits))
                Check(section.Offset, section.Size);
            _sections[i] = section;
        }
    }

    public enum SectionKind : uint
    {
        None = 0,
        Strings = 3,
        RelocationsWithAddends = 4,
        NoBits = 8,
        Relocations = 9,
        DynamicSymbols = 11,
        VersionNeeds = 0x6ffffffe,
        SymbolVersions = 0x6fffffff,
    }

    /// <summary>The sections of a kind, in the file's order.</summary>
    public IEnumerable<Section> Sections(SectionKind kind) => _sections.Where(section => section.Kind == kind);

    /// <summary>The only section of a kind.</summary>
    public Section Single(SectionKind kind)
    {
        var found = Sections(kind).Take(2).ToArray();
        return found.Length == 1 ? found[0] : throw new BadImageFormatException($"not exactly one section of kind {kind}");
    }

    /// <summary>The string table that a section's names lie in.</summary>
    public Section StringsOf(Section section)
    {
        if (section.Link >= _sections.Length || _sections[section.Link].Kind != SectionKind.Strings)
            throw new BadImageFormatException($"the section of kind {section.Kind} has no string table");
        return _sections[section.Link];
    }

    /// <summary>The zero-terminated string at a place in a string table.</summary>
    public string ReadString(Section strings, uint place)
    {
        if (place >= strings.Size)
            throw new BadImageFormatException("a name lies outside of its string table");
        var rest = _bytes.AsSpan(strings.Offset + (int)place, strings.Size - (int)place);
        var length = rest.IndexOf((byte)0);
        return length >= 0 ? Encoding.UTF8.GetString(rest[..length]) : throw new BadImageFormatException("a name has no end");
    }

    public ushort ReadUInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Check(offset, sizeof(ushort)));

    public uint ReadUInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Check(offset, sizeof(uint)));

    public ulong ReadUInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Check(offset, sizeof(ulong)));

    private int ReadOffset(int offset)
    {
        var value = ReadUInt64(offset);
        return value <= int.MaxValue ? (int)value : throw new BadImageFormatException("an offset lies outside of the file");
    }

    private ReadOnlySpan<byte> Check(int offset, int size)
    {
        if (offset < 0 || size < 0 || offset > _bytes.Length - size)
            throw new BadImageFormatException("the file is truncated");
        return _bytes.AsSpan(offset, size);
    }

    /// <summary>One section header: where its bytes lie in the file, and the section that it refers to.</summary>
    public readonly record struct Section(SectionKind Kind, int Offset, int Size, uint Link);
}
