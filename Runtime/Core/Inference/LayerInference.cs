using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>
/// The base of generated inference classes of layers: the recurrence by the same compiled kernels as in training, the linear map by
/// products of its own; no native library.
/// </summary>
/// <remarks>
/// An instance holds weights only, which never change: any number of threads may share it. The caller holds the states, a span of the batch
/// times <c>StateSize</c> elements, [B, S, H], or [B, 2, S, H] of a bidirectional layer, forward first. Zeros are the start of every
/// sequence; states of a cell that starts elsewhere than at 0 are held with their bits exclusive-or those of the constant.
/// A sequence gives the same bits at every run, in any batch, cut anywhere in time, and on any number of threads.
/// </remarks>
/// <typeparam name="T"><see cref="float"/>, or <see cref="double"/> for <see cref="Precision.Double"/>.</typeparam>
public abstract unsafe class LayerInference<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly LayerDescription layer;
    private readonly Recurrence<T>[] directions;
    private readonly Pool<Workspace> workspaces;

    /// <summary>Loads the weights.</summary>
    /// <param name="layer">What the declaration says, and the kernels.</param>
    /// <param name="file">The file.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <exception cref="SafetensorsException">The file belongs to another architecture, or lacks a parameter of the right shape.</exception>
    /// <exception cref="NotSupportedException">Weights of double precision are to be rounded to 8 bits.</exception>
    protected LayerInference(LayerDescription layer, SafetensorsFile file, InferenceOptions? options)
    {
        this.layer = layer;
        options ??= new InferenceOptions();
        if (options.Map is null)
            Specification.Of(layer).Require(file);
        var source = new ParameterSource<T>(file, layer.Name, WantedParameters.Of(layer), options);
        directions = Recurrence<T>.Load(layer, source);
        QuantizationLosses = source.Losses;
        Metadata = file.Metadata;
        workspaces = new Pool<Workspace>(() => new Workspace(layer, directions));
    }

    /// <summary>What rounding to 8 bits did to each matrix; empty unless it was asked for.</summary>
    public IReadOnlyList<QuantizationLoss> QuantizationLosses { get; }

    /// <summary>The strings that the file carries beside the weights.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    private int OutputSize => directions.Length * layer.HiddenSize;

    private int StateWidth => directions.Length * directions[0].StateSize;

    /// <summary>Runs the layer over a batch of sequences of the same length.</summary>
    /// <param name="input">[B, T, D].</param>
    /// <param name="state">The states before the first step, zeros at first; replaced by those after the last one.</param>
    /// <param name="output">[B, T, H], [B, T, 2H] of a bidirectional layer; written.</param>
    /// <param name="batch">Sequences, B; may be 0.</param>
    /// <param name="time">Steps, T; may be 0.</param>
    /// <exception cref="ArgumentException">A span has not as many elements as its shape, or one that is written overlaps another.</exception>
    public void Forward(ReadOnlySpan<T> input, Span<T> state, Span<T> output, int batch, int time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        SpanCheck.Require(input, nameof(input), "[B, T, D]", (Int128)batch * time * layer.InputSize);
        SpanCheck.Require<T>(state, nameof(state), "[B, StateSize]", (long)batch * StateWidth);
        SpanCheck.Require<T>(output, nameof(output), "[B, T, H]", (Int128)batch * time * OutputSize);
        SpanCheck.RequireApart(output, nameof(output), input, nameof(input));
        SpanCheck.RequireApart<T>(output, nameof(output), state, nameof(state));
        SpanCheck.RequireApart<T>(state, nameof(state), input, nameof(input));
        if (output.Length == 0)
            return;
        var workspace = workspaces.Borrow();
        fixed (T* x = input, h = state, y = output)
        {
            for (var direction = 0; direction < directions.Length; direction++)
                Run(workspace, direction, x, h, y, batch, time);
        }

        workspaces.Return(workspace);
    }

    private void Run(Workspace workspace, int direction, T* input, T* state, T* output, int batch, int time)
    {
        var recurrence = directions[direction];
        var isBackward = direction == 1 || layer.Direction == Direction.Reverse;
        var tiles = new Tiles(batch, time);
        state += direction * recurrence.StateSize;
        for (var tile = 0L; tile < tiles.Count; tile++)
        {
            var (row, rows, step, steps) = tiles.At(tile, isBackward);
            var place = ((nint)row * time) + step;
            var x = input + (place * layer.InputSize);
            workspace.Multiplication.Run(recurrence.Map, x, workspace.Preactivations, rows * steps);
            for (var i = 0; i < rows; i++)
            {
                var y = output + ((place + ((nint)i * time)) * OutputSize);
                recurrence.Scan(
                    workspace.Preactivations + ((nint)i * steps * recurrence.Map.Rows),
                    x + ((nint)i * steps * layer.InputSize),
                    state + ((nint)(row + i) * StateWidth),
                    directions.Length == 1 ? y : workspace.Output,
                    steps);
                if (directions.Length > 1)
                    Interleave(workspace.Output, y + (direction * layer.HiddenSize), steps);
            }
        }
    }

    private void Interleave(T* half, T* output, int steps)
    {
        var width = layer.HiddenSize;
        for (var step = 0; step < steps; step++)
            new Span<T>(half + ((nint)step * width), width).CopyTo(new Span<T>(output + ((nint)step * OutputSize), width));
    }

    /// <summary>What one call works with.</summary>
    private sealed class Workspace
    {
        private readonly NativeBuffer<T> preactivations;
        private readonly NativeBuffer<T> output;

        public Workspace(LayerDescription layer, Recurrence<T>[] directions)
        {
            preactivations = new NativeBuffer<T>((long)Tiles.Rows * directions[0].Map.Rows);
            output = new NativeBuffer<T>(directions.Length > 1 ? (long)Tiles.Rows * layer.HiddenSize : 0);
        }

        public Multiplication<T> Multiplication { get; } = new();

        /// <summary>[tile, P·H].</summary>
        public T* Preactivations => preactivations.Start;

        /// <summary>[tile, H], where outputs of two directions are interleaved.</summary>
        public T* Output => output.Start;
    }
}
