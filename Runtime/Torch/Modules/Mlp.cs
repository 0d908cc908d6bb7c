using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>Two linear maps with a GELU between: [..., W] to [..., W]. Submodules: <c>expand</c>, <c>contract</c>.</summary>
public sealed class Mlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "expand")]
    private readonly Linear _expand;

    [ComponentName(Name = "contract")]
    private readonly Linear _contract;

    /// <summary>Creates the maps on the CPU.</summary>
    /// <param name="width">Features, W.</param>
    /// <param name="hidden">Features between the maps.</param>
    /// <param name="dtype">The type of the parameters; 32-bit when null.</param>
    public Mlp(int width, int hidden, ScalarType? dtype = null)
        : base(nameof(Mlp))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden);
        _expand = nn.Linear(width, hidden, device: CPU, dtype: dtype ?? ScalarType.Float32);
        _contract = nn.Linear(hidden, width, device: CPU, dtype: dtype ?? ScalarType.Float32);
        RegisterComponents();
    }

    /// <summary>Maps [..., W].</summary>
    public override Tensor forward(Tensor input)
    {
        using var hidden = _expand.call(input);
        GC.KeepAlive(input);
        using var active = nn.functional.gelu(hidden);
        return _contract.call(active);
    }
}
