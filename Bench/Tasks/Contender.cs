using MinRnn.Bench.Peers;
using static TorchSharp.torch;

namespace MinRnn.Bench.Tasks;

/// <summary>What learns the tasks: a cell in a sequence model, or a baseline in the same kind of network.</summary>
/// <param name="Name">The cell's or the baseline's name.</param>
/// <param name="Narrow">Makes a network of 64 channels, given vocabulary and layers.</param>
/// <param name="Wide">Makes a network of 256 channels, or 128 where the cell takes the layer's own input.</param>
/// <param name="IsOptional">Whether it takes part only when it is named, for it computes what another one does.</param>
/// <param name="RateShare">How much of the learning rate of a task in symbols it gets.</param>
internal sealed record Contender(
    string Name,
    Func<int, int, nn.Module<Tensor, Tensor>> Narrow,
    Func<int, int, nn.Module<Tensor, Tensor>> Wide,
    bool IsOptional = false,
    double RateShare = 1)
{
    // At the rates that the other recurrences bear, LSTMs and Transformers learn nothing: theirs are about Adam's default and half of it.
    private const double LstmShare = 0.2, TransformerShare = 0.1;

    public static IReadOnlyList<Contender> All { get; } =
    [
        new(nameof(MinGru), (vocabulary, layers) => new MinGruNarrow(vocabulary, layers), (vocabulary, layers) => new MinGruWide(vocabulary, layers)),
        new(nameof(LogMinGru), (vocabulary, layers) => new LogMinGruNarrow(vocabulary, layers), (vocabulary, layers) => new LogMinGruWide(vocabulary, layers)),
        new(nameof(MinLstm), (vocabulary, layers) => new MinLstmNarrow(vocabulary, layers), (vocabulary, layers) => new MinLstmWide(vocabulary, layers)),
        new(nameof(LogMinLstm), (vocabulary, layers) => new LogMinLstmNarrow(vocabulary, layers), (vocabulary, layers) => new LogMinLstmWide(vocabulary, layers)),
        new(nameof(SignedMinGru), (vocabulary, layers) => new SignedMinGruNarrow(vocabulary, layers), (vocabulary, layers) => new SignedMinGruWide(vocabulary, layers)),
        new(nameof(Sru), (vocabulary, layers) => new SruNarrow(vocabulary, layers), (vocabulary, layers) => new SruWide(vocabulary, layers)),
        new(nameof(QrnnFo), (vocabulary, layers) => new QrnnFoNarrow(vocabulary, layers), (vocabulary, layers) => new QrnnFoWide(vocabulary, layers)),
        new(nameof(Hgrn), (vocabulary, layers) => new HgrnNarrow(vocabulary, layers), (vocabulary, layers) => new HgrnWide(vocabulary, layers)),
        new(nameof(RgLru), (vocabulary, layers) => new RgLruNarrow(vocabulary, layers), (vocabulary, layers) => new RgLruWide(vocabulary, layers)),
        new(nameof(Rotation), (vocabulary, layers) => new RotationNarrow(vocabulary, layers), (vocabulary, layers) => new RotationWide(vocabulary, layers)),
        new(nameof(IndRnn), (vocabulary, layers) => new IndRnnNarrow(vocabulary, layers), (vocabulary, layers) => new IndRnnWide(vocabulary, layers)),
        new(nameof(Aaren), (vocabulary, layers) => new AarenNarrow(vocabulary, layers), (vocabulary, layers) => new AarenWide(vocabulary, layers)),
        new(nameof(S4D), (vocabulary, layers) => new S4DNarrow(vocabulary, layers), (vocabulary, layers) => new S4DWide(vocabulary, layers)),
        new(nameof(SelectiveSsm), (vocabulary, layers) => new SelectiveSsmNarrow(vocabulary, layers), (vocabulary, layers) => new SelectiveSsmWide(vocabulary, layers)),
        Baseline("nn.GRU", Baselines.Gru),
        Baseline("nn.LSTM", Baselines.Lstm, rateShare: LstmShare),
        Baseline("Transformer", Baselines.Transformer, rateShare: TransformerShare),
        Baseline("log-space minGRU", Baselines.LogSpaceGru, isOptional: true),
        Baseline("log-space minLSTM", Baselines.LogSpaceLstm, isOptional: true),
        Baseline("GRUCell loop", Baselines.GruLoop, isOptional: true),
        Baseline("LSTMCell loop", Baselines.LstmLoop, isOptional: true, rateShare: LstmShare),
    ];

    private static Contender Baseline(string name, Func<int, int, SequenceLayer> create, bool isOptional = false, double rateShare = 1) => new(
        name,
        (vocabulary, layers) => new BaselineNetwork(vocabulary, width: 32, hiddenSize: 64, layers, create),
        (vocabulary, layers) => new BaselineNetwork(vocabulary, width: 64, hiddenSize: 256, layers, create),
        isOptional,
        rateShare);
}
