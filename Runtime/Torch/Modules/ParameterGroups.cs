using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>The two groups that optimizers with weight decay treat apart.</summary>
internal static class ParameterGroups
{
    /// <summary>Matrices and kernels: what weight decay is for.</summary>
    public static IEnumerable<Parameter> Decayed(nn.Module module) => module.parameters().Where(parameter => parameter.dim() >= 2);

    /// <summary>Biases, norms and the per-channel weights of cells.</summary>
    public static IEnumerable<Parameter> Undecayed(nn.Module module) => module.parameters().Where(parameter => parameter.dim() < 2);

    /// <summary>Elements of all parameters.</summary>
    public static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
