namespace MinRnn.Tests.PtxMachine.Decoding;

internal enum ScalarKind
{
    Bits,
    Signed,
    Unsigned,
    Float,
    Predicate,
}

/// <summary>A fundamental type of PTX and the type that its values are computed in.</summary>
internal sealed record ScalarType(string Name, ScalarKind Kind, int Bytes, Type Clr)
{
    private static readonly Dictionary<string, ScalarType> All = new ScalarType[]
    {
        new("b8", ScalarKind.Bits, 1, typeof(byte)),
        new("b16", ScalarKind.Bits, 2, typeof(ushort)),
        new("b32", ScalarKind.Bits, 4, typeof(uint)),
        new("b64", ScalarKind.Bits, 8, typeof(ulong)),
        new("u8", ScalarKind.Unsigned, 1, typeof(byte)),
        new("u16", ScalarKind.Unsigned, 2, typeof(ushort)),
        new("u32", ScalarKind.Unsigned, 4, typeof(uint)),
        new("u64", ScalarKind.Unsigned, 8, typeof(ulong)),
        new("s8", ScalarKind.Signed, 1, typeof(sbyte)),
        new("s16", ScalarKind.Signed, 2, typeof(short)),
        new("s32", ScalarKind.Signed, 4, typeof(int)),
        new("s64", ScalarKind.Signed, 8, typeof(long)),
        new("bf16", ScalarKind.Bits, 2, typeof(ushort)),
        new("f16", ScalarKind.Float, 2, typeof(Half)),
        new("f32", ScalarKind.Float, 4, typeof(float)),
        new("f64", ScalarKind.Float, 8, typeof(double)),
        new("pred", ScalarKind.Predicate, 1, typeof(byte)),
    }.ToDictionary(type => type.Name);

    public bool IsInteger => Kind is ScalarKind.Bits or ScalarKind.Signed or ScalarKind.Unsigned;

    public bool IsFloat => Kind == ScalarKind.Float;

    /// <summary>The unsigned integer of the same width, for moves of bits.</summary>
    public Type Raw => Bytes switch { 1 => typeof(byte), 2 => typeof(ushort), 4 => typeof(uint), _ => typeof(ulong) };

    public static ScalarType? Find(string name) => All.GetValueOrDefault(name);

    public static ScalarType Get(string name) => All[name];
}
