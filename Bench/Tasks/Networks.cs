namespace MinRnn.Bench.Tasks;

// The networks of the tasks, a narrow and a wide one for each cell. A cell that reads the layer's own input cannot expand it, and
// has a wider network around it for that.

[SequenceModel(typeof(MinGru), Width = 32, Expansion = 2)]
internal sealed partial class MinGruNarrow;

[SequenceModel(typeof(MinGru), Width = 64, Expansion = 4)]
internal sealed partial class MinGruWide;

[SequenceModel(typeof(LogMinGru), Width = 32, Expansion = 2)]
internal sealed partial class LogMinGruNarrow;

[SequenceModel(typeof(LogMinGru), Width = 64, Expansion = 4)]
internal sealed partial class LogMinGruWide;

[SequenceModel(typeof(MinLstm), Width = 32, Expansion = 2)]
internal sealed partial class MinLstmNarrow;

[SequenceModel(typeof(MinLstm), Width = 64, Expansion = 4)]
internal sealed partial class MinLstmWide;

[SequenceModel(typeof(LogMinLstm), Width = 32, Expansion = 2)]
internal sealed partial class LogMinLstmNarrow;

[SequenceModel(typeof(LogMinLstm), Width = 64, Expansion = 4)]
internal sealed partial class LogMinLstmWide;

[SequenceModel(typeof(SignedMinGru), Width = 32, Expansion = 2)]
internal sealed partial class SignedMinGruNarrow;

[SequenceModel(typeof(SignedMinGru), Width = 64, Expansion = 4)]
internal sealed partial class SignedMinGruWide;

[SequenceModel(typeof(Sru), Width = 64, Expansion = 1)]
internal sealed partial class SruNarrow;

[SequenceModel(typeof(Sru), Width = 128, Expansion = 1)]
internal sealed partial class SruWide;

[SequenceModel(typeof(QrnnFo), Width = 32, Expansion = 2)]
internal sealed partial class QrnnFoNarrow;

[SequenceModel(typeof(QrnnFo), Width = 64, Expansion = 4)]
internal sealed partial class QrnnFoWide;

[SequenceModel(typeof(Hgrn), Width = 32, Expansion = 2)]
internal sealed partial class HgrnNarrow;

[SequenceModel(typeof(Hgrn), Width = 64, Expansion = 4)]
internal sealed partial class HgrnWide;

[SequenceModel(typeof(RgLru), Width = 64, Expansion = 1)]
internal sealed partial class RgLruNarrow;

[SequenceModel(typeof(RgLru), Width = 128, Expansion = 1)]
internal sealed partial class RgLruWide;

[SequenceModel(typeof(Rotation), Width = 32, Expansion = 2)]
internal sealed partial class RotationNarrow;

[SequenceModel(typeof(Rotation), Width = 64, Expansion = 4)]
internal sealed partial class RotationWide;

[SequenceModel(typeof(IndRnn), Width = 32, Expansion = 2)]
internal sealed partial class IndRnnNarrow;

[SequenceModel(typeof(IndRnn), Width = 64, Expansion = 4)]
internal sealed partial class IndRnnWide;

[SequenceModel(typeof(Aaren), Width = 32, Expansion = 2)]
internal sealed partial class AarenNarrow;

[SequenceModel(typeof(Aaren), Width = 64, Expansion = 4)]
internal sealed partial class AarenWide;

[SequenceModel(typeof(S4D), Width = 64, Expansion = 1)]
internal sealed partial class S4DNarrow;

[SequenceModel(typeof(S4D), Width = 128, Expansion = 1)]
internal sealed partial class S4DWide;

[SequenceModel(typeof(SelectiveSsm), Width = 64, Expansion = 1)]
internal sealed partial class SelectiveSsmNarrow;

[SequenceModel(typeof(SelectiveSsm), Width = 128, Expansion = 1)]
internal sealed partial class SelectiveSsmWide;
