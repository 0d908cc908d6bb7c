using MinRnn.Bench.Measuring;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>Training steps of the layers and of their peers, over one input [B, T, D].</summary>
internal static class Steps
{
    public static TrainingStep Fused(RecurrentModule layer, Tensor input) =>
        new(new SequenceLayer(layer.GetName(), layer.HiddenSize, layer, x => layer.call(x).Item1), input);

    /// <summary>The linear map of a layer alone, D to P·H.</summary>
    public static TrainingStep Linear(Tensor input, int hiddenSize, int projections, bool bias = true)
    {
        var linear = nn.Linear(input.size(2), projections * hiddenSize, bias);
        return new TrainingStep(
            new SequenceLayer(bias ? "its linear map" : "its linear map without bias", projections * hiddenSize, linear, linear.call), input);
    }

    public static TrainingStep Gru(Tensor input, int hiddenSize) => new(Baselines.Gru((int)input.size(2), hiddenSize), input);

    public static TrainingStep Lstm(Tensor input, int hiddenSize) => new(Baselines.Lstm((int)input.size(2), hiddenSize), input);

    public static TrainingStep GruLoop(Tensor input, int hiddenSize) => new(Baselines.GruLoop((int)input.size(2), hiddenSize), input);

    public static TrainingStep LstmLoop(Tensor input, int hiddenSize) => new(Baselines.LstmLoop((int)input.size(2), hiddenSize), input);

    public static TrainingStep LogSpaceGru(Tensor input, int hiddenSize) => new(Baselines.LogSpaceGru((int)input.size(2), hiddenSize), input);

    public static TrainingStep LogSpaceLstm(Tensor input, int hiddenSize) => new(Baselines.LogSpaceLstm((int)input.size(2), hiddenSize), input);

    public static TrainingStep Transformer(Tensor input, int hiddenSize) => new(Baselines.Transformer((int)input.size(2), hiddenSize), input);

    public static TrainingStep SelectiveLoop(Tensor input, int hiddenSize) => new(Baselines.SelectiveLoop(hiddenSize), input);

    /// <summary>A recurrence without its linear map: the input is the pre-activations.</summary>
    public static TrainingStep Scan(string name, Func<Tensor, Tensor> recurrence, Tensor preactivations, int hiddenSize) =>
        new(new SequenceLayer(name, hiddenSize, nn.Identity(), recurrence), preactivations);
}
