using System.Numerics;

namespace MinRnn.Safetensors;

/// <summary>A parameter that is wanted.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Shape">Its shape; -1 for a size that the file decides.</param>
/// <param name="Blocks">The blocks of rows that it stacks, by name, in order; empty where it is one.</param>
internal sealed record WantedParameter(string Name, IReadOnlyList<long> Shape, IReadOnlyList<RowBlock> Blocks)
{
    public WantedParameter(string name, params IReadOnlyList<long> shape)
        : this(name, shape, [])
    {
    }
}

/// <summary>Rows of a parameter that belong together.</summary>
/// <param name="Name">Whose they are: a projection.</param>
/// <param name="Rows">How many.</param>
internal sealed record RowBlock(string Name, long Rows);

/// <summary>Elements of a parameter that are read a span at a time.</summary>
internal interface IParameter
{
    string Name { get; }

    IReadOnlyList<long> Shape { get; }

    /// <summary>Reads elements from the given one on.</summary>
    void Read<T>(long first, Span<T> values)
        where T : unmanaged, INumber<T>;
}

/// <summary>A parameter found in a file: its elements in the parameter's own order.</summary>
/// <param name="file">The file, open as long as elements are read.</param>
/// <param name="name">The parameter's name.</param>
/// <param name="shape">Its shape.</param>
/// <param name="tensor">Where it lies in the file; null for a constant.</param>
/// <param name="addend">Added to every element.</param>
/// <param name="runs">First elements of the tensor, in the order of the parameter, and how many; empty when the orders agree.</param>
internal sealed class StoredParameter(
    SafetensorsFile file, string name, IReadOnlyList<long> shape, TensorEntry? tensor, double addend, IReadOnlyList<(long First, long Count)> runs)
    : IParameter
{
    public string Name => name;

    public IReadOnlyList<long> Shape => shape;

    /// <summary>Reads elements from the given one on.</summary>
    public void Read<T>(long first, Span<T> values)
        where T : unmanaged, INumber<T>
    {
        if (tensor is null)
        {
            values.Fill(T.CreateChecked(addend));
            return;
        }

        if (runs.Count == 0)
            ReadTensor(first, values);
        else
            ReadRuns(first, values);
        if (addend != 0)
        {
            foreach (ref var value in values)
                value += T.CreateChecked(addend);
        }
    }

    private void ReadRuns<T>(long first, Span<T> values)
        where T : unmanaged
    {
        foreach (var (start, count) in runs)
        {
            if (values.Length == 0)
                return;
            if (first >= count)
            {
                first -= count;
                continue;
            }

            var part = values[..(int)long.Min(values.Length, count - first)];
            ReadTensor(start + first, part);
            values = values[part.Length..];
            first = 0;
        }
    }

    private void ReadTensor<T>(long first, Span<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
            file.Read(tensor!, first, System.Runtime.InteropServices.MemoryMarshal.Cast<T, double>(values));
        else
            file.Read(tensor!, first, System.Runtime.InteropServices.MemoryMarshal.Cast<T, float>(values));
    }
}
