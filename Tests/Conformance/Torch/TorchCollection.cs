using Xunit;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>
/// Tests of torch run one after the other: its random generator, its number of threads and the process's memory belong to all.
/// </summary>
[CollectionDefinition(nameof(TorchCollection), DisableParallelization = true)]
public class TorchCollection;
