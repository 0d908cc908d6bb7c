using MinRnn.Bench.Measuring;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>Training steps of the layers and of their peers, over one input [B, T, D].</summary>
internal static class Steps
{
    public static TrainingStep Fused(RecurrentModule layer, Tensor input) =>
        new(layer.GetName(), layer, x => layer.call(x).Item1, input, layer.HiddenSize);

    /// <summary>The linear map of a layer alone, D to P·H.</summary>
    public static TrainingStep Linear(Tensor input, int hiddenSize, int projections, bool bias = true)
    {
        var linear = nn.Linear(input.size(2), projections * hiddenSize, bias);
        return new TrainingStep(bias ? "its linear map" : "its linear map without bias", linear, linear.call, input, projections * hiddenSize);
    }

    public static TrainingStep Gru(Tensor input, int hiddenSize)
    {
        var gru = nn.GRU(input.size(2), hiddenSize, batchFirst: true);
        return new TrainingStep("nn.GRU", gru, x => gru.call(x).Item1, input, hiddenSize);
    }

    public static TrainingStep Lstm(Tensor input, int hiddenSize)
    {
        var lstm = nn.LSTM(input.size(2), hiddenSize, batchFirst: true);
        return new TrainingStep("nn.LSTM", lstm, x => lstm.call(x).Item1, input, hiddenSize);
    }

    public static TrainingStep GruLoop(Tensor input, int hiddenSize) =>
        Of("loop of nn.GRUCell", new GruCellLoop((int)input.size(2), hiddenSize), input, hiddenSize);

    public static TrainingStep LstmLoop(Tensor input, int hiddenSize) =>
        Of("loop of nn.LSTMCell", new LstmCellLoop((int)input.size(2), hiddenSize), input, hiddenSize);

    public static TrainingStep LogSpaceGru(Tensor input, int hiddenSize) =>
        Of("eager log-space layer", new EagerLayer((int)input.size(2), hiddenSize, 2, LogSpace.MinGru), input, hiddenSize);

    public static TrainingStep LogSpaceLstm(Tensor input, int hiddenSize) =>
        Of("eager log-space layer", new EagerLayer((int)input.size(2), hiddenSize, 3, LogSpace.MinLstm), input, hiddenSize);

    public static TrainingStep SelectiveLoop(Tensor input, int hiddenSize) =>
        Of("eager step loop", new SelectiveLoop(hiddenSize, rank: 16), input, hiddenSize);

    /// <summary>A recurrence without its linear map: the input is the pre-activations.</summary>
    public static TrainingStep Scan(string name, Func<Tensor, Tensor> recurrence, Tensor preactivations, int hiddenSize) =>
        new(name, nn.Identity(), recurrence, preactivations, hiddenSize);

    private static TrainingStep Of(string name, nn.Module<Tensor, Tensor> module, Tensor input, int hiddenSize) =>
        new(name, module, module.call, input, hiddenSize);
}
