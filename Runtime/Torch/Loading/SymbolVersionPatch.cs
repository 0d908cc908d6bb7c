using System.Buffers.Binary;
using static MinRnn.Torch.Loading.ElfImage;

namespace MinRnn.Torch.Loading;

/// <summary>
/// Makes a shared object's demand for one symbol version of a library weak, so that the loader accepts a library without it.
/// </summary>
/// <remarks>
/// Safe only when nothing in the object reaches a symbol of that version, and refused otherwise: exactly one symbol may carry
/// the version, it must be undefined, under the expected name, and no relocation may name it. The loader then never looks
/// it up.
/// </remarks>
internal static class SymbolVersionPatch
{
    private const int NeedSize = 16;
    private const int SymbolSize = 24;
    private const ushort WeakFlag = 2;
    private const ushort VersionMask = 0x7fff;

    /// <summary>A copy of <paramref name="original"/> in which the version is weak.</summary>
    /// <exception cref="BadImageFormatException">The file is malformed, or the demand is not of that harmless kind.</exception>
    public static byte[] Apply(byte[] original, string version, string symbol)
    {
        var image = new ElfImage(original);
        var (flagsOffset, flags, index) = FindVersion(image, version);
        RequireUnreachable(image, index, version, symbol);

        var patched = original.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(patched.AsSpan(flagsOffset), (ushort)(flags | WeakFlag));
        return patched;
    }

    private static (int FlagsOffset, ushort Flags, ushort Index) FindVersion(ElfImage image, string version)
    {
        var section = image.Single(SectionKind.VersionNeeds);
        var names = image.StringsOf(section);
        var found = new List<(int, ushort, ushort)>();

        // A chain of libraries, each with a chain of versions; both link by distances, and a distance of zero ends a chain.
        for (int library = section.Offset, step = -1; step != 0; library += step)
        {
            RequireInside(section, library);
            var entry = library + Distance(image, library + 8);
            for (int count = image.ReadUInt16(library + 2); count > 0; count--)
            {
                RequireInside(section, entry);
                if (image.ReadString(names, image.ReadUInt32(entry + 8)) == version)
                    found.Add((entry + 4, image.ReadUInt16(entry + 4), image.ReadUInt16(entry + 6)));
                entry += Distance(image, entry + 12);
            }

            step = Distance(image, library + 12);
        }

        return found.Count == 1
            ? found[0]
            : throw new BadImageFormatException($"asks for version {version} {found.Count} times, not once");
    }

    private static void RequireUnreachable(ElfImage image, ushort index, string version, string symbol)
    {
        var versions = image.Single(SectionKind.SymbolVersions);
        var users = Enumerable.Range(0, versions.Size / sizeof(ushort))
            .Where(i => (image.ReadUInt16(versions.Offset + (i * sizeof(ushort))) & VersionMask) == index)
            .Take(2)
            .ToArray();
        if (users.Length != 1)
            throw new BadImageFormatException($"not exactly one symbol has version {version}");

        var symbols = image.Single(SectionKind.DynamicSymbols);
        var entry = symbols.Offset + (users[0] * SymbolSize);
        var name = image.ReadString(image.StringsOf(symbols), image.ReadUInt32(entry));
        if (name != symbol || image.ReadUInt16(entry + 6) != 0)
            throw new BadImageFormatException($"the symbol of version {version} is {name}, not the undefined {symbol}");

        if (image.Sections(SectionKind.RelocationsWithAddends).Any(section => Names(image, section, entrySize: 24, users[0]))
            || image.Sections(SectionKind.Relocations).Any(section => Names(image, section, entrySize: 16, users[0])))
        {
            throw new BadImageFormatException($"{symbol} is used");
        }
    }

    private static bool Names(ElfImage image, Section relocations, int entrySize, int symbol)
    {
        for (var offset = 0; offset < relocations.Size; offset += entrySize)
        {
            if (image.ReadUInt64(relocations.Offset + offset + 8) >> 32 == (ulong)symbol)
                return true;
        }

        return false;
    }

    private static int Distance(ElfImage image, int offset)
    {
        var distance = image.ReadUInt32(offset);
        return distance <= int.MaxValue / 2 ? (int)distance : throw new BadImageFormatException("a version lies outside of the file");
    }

    private static void RequireInside(Section section, int offset)
    {
        if (offset < section.Offset || offset > section.Offset + section.Size - NeedSize)
            throw new BadImageFormatException("a version lies outside of its section");
    }
}
