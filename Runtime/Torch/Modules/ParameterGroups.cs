using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>The two groups that optimizers with weight decay treat apart.</summary>
internal static class ParameterGroups
{
    /// <summary>Matrices and kernels: what weight decay is for.</summary>
    public static IEnumerable<Parameter> Decayed(nn.Module module) => Of(module, isDecayed: true);

    /// <summary>Biases, norms and the weights of cells.</summary>
    public static IEnumerable<Parameter> Undecayed(nn.Module module) => Of(module, isDecayed: false);

    private static IEnumerable<Parameter> Of(nn.Module module, bool isDecayed)
    {
        var ofCells = module.modules().Append(module).OfType<RecurrentModule>().SelectMany(layer => layer.CellWeights)
            .Select(weight => weight.Handle).ToHashSet();
        return module.parameters().Where(parameter => isDecayed == (parameter.dim() >= 2 && !ofCells.Contains(parameter.Handle)));
    }

    /// <summary>Elements of all parameters.</summary>
    public static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
