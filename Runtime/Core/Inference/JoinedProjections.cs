using System.Numerics;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>
/// The matrix of all projections of a layer, [P·H + Q·N, D], with the two halves of those of low rank multiplied out: one product
/// gives all pre-activations in their order.
/// </summary>
internal sealed class JoinedProjections : IParameter
{
    private readonly double[][] rows;

    /// <param name="layer">The layer.</param>
    /// <param name="find">The parameter of a name.</param>
    public JoinedProjections(LayerDescription layer, Func<string, IParameter> find)
    {
        var (full, channels) = (Matrix(find("weight")), layer.HiddenSize);
        List<double[]> joined = [];
        var next = 0;
        foreach (var projection in layer.Projections)
        {
            if (projection.Rank > 0)
            {
                joined.AddRange(Product(Matrix(find(projection.Name + "_up")), Matrix(find(projection.Name + "_down"))));
                continue;
            }

            joined.AddRange(full.AsSpan(next, channels));
            next += channels;
        }

        joined.AddRange(full.AsSpan(next));
        rows = [.. joined];
        Name = find("weight").Name;
        Shape = [rows.Length, layer.InputSize];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> Shape { get; }

    /// <inheritdoc/>
    public void Read<T>(long first, Span<T> values)
        where T : unmanaged, INumber<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = long.DivRem(first + i, Shape[1]);
            values[i] = T.CreateChecked(rows[row][column]);
        }
    }

    private static double[][] Matrix(IParameter parameter)
    {
        var matrix = new double[parameter.Shape[0]][];
        for (var row = 0; row < matrix.Length; row++)
            parameter.Read<double>(row * parameter.Shape[1], matrix[row] = new double[parameter.Shape[1]]);
        return matrix;
    }

    private static double[][] Product(double[][] left, double[][] right) => [.. left.Select(row =>
    {
        var sum = new double[right[0].Length];
        for (var i = 0; i < row.Length; i++)
        {
            for (var column = 0; column < sum.Length; column++)
                sum[column] += row[i] * right[i][column];
        }

        return sum;
    })];
}
