using MinRnn.Ilgpu;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>Types of elements: their bytes, their rounding and the error that it explains.</summary>
internal static class Elements
{
    public static IReadOnlyList<ElementType> All { get; } = [ElementType.Single, ElementType.Half, ElementType.BFloat16];

    public static int Size(ElementType element) => element switch
    {
        ElementType.Double => sizeof(double),
        ElementType.Single => sizeof(float),
        _ => sizeof(ushort),
    };

    /// <summary>The largest error over the largest value of a tensor.</summary>
    public static double Bound(ElementType element) => element switch
    {
        ElementType.Single => 2e-5,
        ElementType.Half => 2e-3,
        _ => 1.6e-2,
    };

    /// <summary>Numbers as elements.</summary>
    public static byte[] Encode(double[] values, ElementType element)
    {
        var bytes = new byte[values.Length * Size(element)];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * Size(element));
            _ = element switch
            {
                ElementType.Double => BitConverter.TryWriteBytes(at, values[i]),
                ElementType.Single => BitConverter.TryWriteBytes(at, (float)values[i]),
                ElementType.Half => BitConverter.TryWriteBytes(at, (Half)values[i]),
                _ => BitConverter.TryWriteBytes(at, ((BFloat16)(float)values[i]).Bits),
            };
        }

        return bytes;
    }

    /// <summary>Elements as numbers.</summary>
    public static double[] Decode(byte[] bytes, ElementType element)
    {
        var values = new double[bytes.Length / Size(element)];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * Size(element));
            values[i] = element switch
            {
                ElementType.Double => BitConverter.ToDouble(at),
                ElementType.Single => BitConverter.ToSingle(at),
                ElementType.Half => (double)BitConverter.ToHalf(at),
                _ => new BFloat16(BitConverter.ToUInt16(at)).ToSingle(),
            };
        }

        return values;
    }

    /// <summary>Normally distributed numbers, rounded to elements.</summary>
    public static double[] Normal(Random random, long count, double deviation, ElementType element)
    {
        var values = new double[count];
        for (var i = 0L; i < count; i++)
            values[i] = deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Decode(Encode(values, element), element);
    }
}
