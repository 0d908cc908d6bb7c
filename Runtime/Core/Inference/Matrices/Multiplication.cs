using System.Numerics;
using MinRnn.Kernels;

namespace MinRnn.Inference.Matrices;

/// <summary>Applies linear maps, large ones on several threads, which share the panels of the matrix.</summary>
internal sealed class Multiplication<T> : PieceWork
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Multiplications below which waking another thread costs more than it brings.</summary>
    private const long SmallProduct = 4 << 20;

    /// <summary>Pieces that let any usual number of cores finish at about the same time.</summary>
    private const int WantedPieces = 64;

    private LinearMap<T>? map;
    private Product<T> product;
    private int pieces;

    /// <summary>Computes the outputs.</summary>
    public unsafe void Run(LinearMap<T> map, T* input, T* output, int count, bool adds = false)
    {
        product = new Product<T>(input, map.Columns, output, map.Rows, count, adds);
        this.map = map;
        pieces = int.Min(map.Panels, WantedPieces);
        Run(pieces, map.Size * count >= SmallProduct);
    }

    /// <inheritdoc/>
    protected override void Run(int piece)
    {
        var panels = (long)map!.Panels;
        map.Multiply(product, (int)(panels * piece / pieces), (int)(panels * (piece + 1) / pieces));
    }
}
