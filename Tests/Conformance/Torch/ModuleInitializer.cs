using System.Runtime.CompilerServices;
using MinRnn.Torch;

namespace MinRnn.Tests.Conformance.Torch;

internal static class ModuleInitializer
{
    [ModuleInitializer]
    internal static void Initialize() => TorchLibrary.TryLoad();
}
