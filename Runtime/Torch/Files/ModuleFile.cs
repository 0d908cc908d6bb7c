using MinRnn.Kernels;
using MinRnn.Safetensors;
using MinRnn.Torch.Autograd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch.Files;

/// <summary>The parameters of a module in a safetensors file.</summary>
/// <param name="module">The module.</param>
/// <param name="owner">What messages call it.</param>
/// <param name="specification">What the file says of it.</param>
/// <param name="blocks">The blocks of rows of a parameter, by its name.</param>
internal sealed unsafe class ModuleFile(nn.Module module, string owner, Specification specification, Func<string, IReadOnlyList<RowBlock>> blocks)
{
    /// <summary>Writes all parameters in their own type, the specification, and strings of the caller's.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            writer.Metadata.Add(key, value);
        specification.Store(writer.Metadata);
        var tensors = new List<Tensor>();
        foreach (var (name, parameter) in Parameters())
        {
            var tensor = parameter.detach().cpu().contiguous();
            tensors.Add(tensor);
            var address = (byte*)NativeAutograd.Data(tensor.Handle);
            writer.Add(name, Element(name, parameter.dtype), parameter.shape, (first, bytes) =>
                new ReadOnlySpan<byte>(address + first, bytes.Length).CopyTo(bytes));
        }

        writer.Save(path);
        GC.KeepAlive(tensors);
    }

    /// <summary>Replaces all parameters' values, or none: everything is checked and read before.</summary>
    public void Load(string path, TensorMap? map)
    {
        var parameters = Parameters();
        using var file = SafetensorsFile.Open(path);
        if (map is null)
            specification.Require(file);
        var stored = ParameterBinder.Bind(
            file, owner, [.. parameters.Select(entry => new WantedParameter(entry.Name, entry.Value.shape, blocks(entry.Name)))], map);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        List<Tensor> values = [.. parameters.Zip(stored, (entry, source) => Read(source, entry.Value))];
        foreach (var ((_, parameter), value) in parameters.Zip(values))
            parameter.copy_(value);
    }

    private List<(string Name, Parameter Value)> Parameters()
    {
        List<(string Name, Parameter Value)> parameters = [.. module.named_parameters()];
        return parameters.Count > 0 ? parameters : throw new ObjectDisposedException(owner, $"{owner} is disposed of: it has no parameters any more.");
    }

    private static Tensor Read(StoredParameter source, Tensor parameter) => parameter.dtype == ScalarType.Float64
        ? Read<double>(source, parameter.shape, ScalarType.Float64)
        : Read<float>(source, parameter.shape, ScalarType.Float32);

    private static Tensor Read<T>(StoredParameter source, long[] shape, ScalarType type)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        const int Chunk = 1 << 24;
        var tensor = empty(shape, dtype: type, device: CPU);
        var address = (T*)NativeAutograd.Data(tensor.Handle);
        var count = tensor.numel();
        for (long first = 0; first < count; first += Chunk)
            source.Read(first, new Span<T>(address + first, (int)long.Min(Chunk, count - first)));
        return tensor;
    }

    private ElementType Element(string name, ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.Single,
        ScalarType.Float64 => ElementType.Double,
        ScalarType.Float16 => ElementType.Half,
        ScalarType.BFloat16 => ElementType.BFloat16,
        _ => throw new NotSupportedException($"{name} of {owner} has type {type}; Float32, Float64, Float16 and BFloat16 can be stored."),
    };
}
