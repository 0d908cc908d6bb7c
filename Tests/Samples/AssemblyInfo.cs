using Xunit;

// Dropout draws from torch's one generator of the process, and samples write to one console.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
