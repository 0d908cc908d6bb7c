using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>The element types of the format, and those among them that layers compute with.</summary>
internal static class ElementTypes
{
    /// <summary>Bits of an element; 0 for a word that is none of the format's.</summary>
    public static int Bits(string type) => type switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "U16" or "I16" or "F16" or "BF16" => 16,
        "U32" or "I32" or "F32" => 32,
        "U64" or "I64" or "F64" or "C64" => 64,
        _ => 0,
    };

    public static ElementType? Find(string type) => type switch
    {
        "F32" => ElementType.Single,
        "F64" => ElementType.Double,
        "F16" => ElementType.Half,
        "BF16" => ElementType.BFloat16,
        _ => null,
    };

    public static string Name(ElementType element) => element switch
    {
        ElementType.Single => "F32",
        ElementType.Double => "F64",
        ElementType.Half => "F16",
        _ => "BF16",
    };

    public static int Bytes(ElementType element) => element switch
    {
        ElementType.Double => 8,
        ElementType.Single => 4,
        _ => 2,
    };
}
