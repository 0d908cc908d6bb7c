namespace MinRnn.Inference.Matrices;

/// <summary>A panel of weights, and how inputs and outputs lie around it.</summary>
internal readonly unsafe struct Panel<T>
    where T : unmanaged
{
    /// <summary>The weights, those of a column together.</summary>
    public byte* Weights { get; init; }

    /// <summary>The factors of the outputs, where the format has them.</summary>
    public T* Scales { get; init; }

    /// <summary>What is added to the outputs.</summary>
    public T* Bias { get; init; }

    /// <summary>Columns, K.</summary>
    public nint Columns { get; init; }

    /// <summary>Elements from a row of inputs to the next.</summary>
    public nint InputStride { get; init; }

    /// <summary>Elements from a row of outputs to the next.</summary>
    public nint OutputStride { get; init; }

    /// <summary>Whether outputs are added to what is there.</summary>
    public bool Adds { get; init; }
}
