using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>The layers that ours are compared with, each by its input size D and hidden size H.</summary>
internal static class Baselines
{
    private const int TransformerHeads = 4;

    /// <summary>libtorch's GRU: full recurrent matrices, fused.</summary>
    public static SequenceLayer Gru(int inputSize, int hiddenSize)
    {
        var gru = nn.GRU(inputSize, hiddenSize, batchFirst: true);
        return new SequenceLayer("nn.GRU", hiddenSize, gru, x => gru.call(x).Item1);
    }

    /// <summary>libtorch's LSTM.</summary>
    public static SequenceLayer Lstm(int inputSize, int hiddenSize)
    {
        var lstm = nn.LSTM(inputSize, hiddenSize, batchFirst: true);
        return new SequenceLayer("nn.LSTM", hiddenSize, lstm, x => lstm.call(x).Item1);
    }

    /// <summary>The GRU as a sequential loop of cells, which the paper compares with.</summary>
    public static SequenceLayer GruLoop(int inputSize, int hiddenSize) => Of("loop of nn.GRUCell", hiddenSize, new GruCellLoop(inputSize, hiddenSize));

    /// <summary>The LSTM as a sequential loop of cells.</summary>
    public static SequenceLayer LstmLoop(int inputSize, int hiddenSize) => Of("loop of nn.LSTMCell", hiddenSize, new LstmCellLoop(inputSize, hiddenSize));

    /// <summary>The minGRU as the paper computes it.</summary>
    public static SequenceLayer LogSpaceGru(int inputSize, int hiddenSize) =>
        Of("eager log-space layer", hiddenSize, new EagerLayer(inputSize, hiddenSize, 2, LogSpace.MinGru));

    /// <summary>The minLSTM as the paper computes it.</summary>
    public static SequenceLayer LogSpaceLstm(int inputSize, int hiddenSize) =>
        Of("eager log-space layer", hiddenSize, new EagerLayer(inputSize, hiddenSize, 3, LogSpace.MinLstm));

    /// <summary>A causal Transformer block.</summary>
    public static SequenceLayer Transformer(int inputSize, int hiddenSize) =>
        Of("Transformer block", hiddenSize, new TransformerBlock(inputSize, hiddenSize, TransformerHeads));

    /// <summary>The selective state space model, a step at a time.</summary>
    public static SequenceLayer SelectiveLoop(int hiddenSize) => Of("eager step loop", hiddenSize, new SelectiveLoop(hiddenSize, rank: 16));

    private static SequenceLayer Of(string name, int hiddenSize, nn.Module<Tensor, Tensor> module) => new(name, hiddenSize, module, module.call);
}
