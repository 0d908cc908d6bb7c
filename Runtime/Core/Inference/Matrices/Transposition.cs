using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MinRnn.Inference.Matrices;

/// <summary>Transposes matrices: a good part of the time that loading a model takes.</summary>
internal static unsafe class Transposition
{
    private const int Block = 4;

    /// <summary>Writes [columns, rows] from [rows, columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(T* from, T* to, nint rows, nint columns)
        where T : unmanaged
    {
        nint wholeRows = 0, wholeColumns = 0;
        if (typeof(T) == typeof(float) && Sse.IsSupported)
        {
            (wholeRows, wholeColumns) = (rows / Block * Block, columns / Block * Block);
            for (nint column = 0; column < wholeColumns; column += Block)
            {
                for (nint row = 0; row < wholeRows; row += Block)
                    OfFour((float*)(from + (row * columns) + column), columns, (float*)(to + (column * rows) + row), rows);
            }
        }

        for (nint row = 0; row < rows; row++)
        {
            for (var column = row < wholeRows ? wholeColumns : 0; column < columns; column++)
                to[(column * rows) + row] = from[(row * columns) + column];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OfFour(float* from, nint fromStride, float* to, nint toStride)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromStride);
        Vector128<float> c = Vector128.Load(from + (2 * fromStride)), d = Vector128.Load(from + (3 * fromStride));
        Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
        Sse.MoveLowToHigh(ab, cd).Store(to);
        Sse.MoveHighToLow(cd, ab).Store(to + toStride);
        (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(to + (2 * toStride));
        Sse.MoveHighToLow(cd, ab).Store(to + (3 * toStride));
    }
}
