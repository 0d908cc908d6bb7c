using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>Compiles kernels to PTX by ILGPU, which needs no device.</summary>
internal static partial class PtxCompiler
{
    /// <summary>The device that the PTX is for. ILGPU knows no later one in PTX, and later devices run it.</summary>
    public const string Architecture = "sm_80";

    /// <summary>The lowest compute capability that runs the PTX.</summary>
    public const int Major = 8, Minor = 0;

    /// <summary>The CUDA version of the first driver that reads PTX 8.0.</summary>
    public const int DriverVersion = 12000;

    /// <summary>A kernel's PTX, the same bytes at every compilation.</summary>
    /// <param name="kernel">A static method of one parameter, a structure.</param>
    /// <param name="groupSize">Threads of a group that it will be launched with: the driver spreads registers over them.</param>
    /// <exception cref="InvalidOperationException">ILGPU refuses the kernel.</exception>
    public static string Compile(MethodInfo kernel, int groupSize)
    {
        // A compilation that fails leaves its context unusable: each has its own.
        try
        {
            using var context = Context.Create(builder => builder.CPU());
            using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null!);
            AddressSpaces.Infer(backend);
            var compiled = backend.Compile(
                EntryPointDescription.FromExplicitlyGroupedKernel(kernel), new KernelSpecialization(groupSize, null));
            return ForGroups(groupSize, AssemblyResults.InRegisters(WithoutSlowPaths(Normalize(((PTXCompiledKernel)compiled).PTXAssembly))));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{NameOf(kernel)} cannot be compiled for CUDA: {exception.Message}", exception);
        }
    }

    /// <summary>A kernel's name for messages: its class, its own, and the types it is made for.</summary>
    public static string NameOf(MethodInfo kernel)
    {
        var types = kernel.IsGenericMethod ? $"<{string.Join(", ", kernel.GetGenericArguments().Select(type => type.Name))}>" : "";
        return $"{kernel.DeclaringType?.Name}.{kernel.Name}{types}";
    }

    /// <summary>
    /// Takes the divisions and roots of single precision that are right to two units in the last place. Those that round
    /// correctly branch to a slow path, and a step's arithmetic between branches cannot overlap with another's: it takes longer
    /// than the memory; powers of two below the least normal number are 0. ILGPU's own fast mode would flush small numbers everywhere, and take reciprocals of double precision to
    /// 20 bits.
    /// </summary>
    private static string WithoutSlowPaths(string ptx) => ptx
        .Replace("rcp.rn.f32", "rcp.approx.ftz.f32", StringComparison.Ordinal)
        .Replace("div.rn.f32", "div.full.f32", StringComparison.Ordinal)
        .Replace("sqrt.rn.f32", "sqrt.approx.f32", StringComparison.Ordinal)
        .Replace("ex2.approx.f32", "ex2.approx.ftz.f32", StringComparison.Ordinal);

    /// <summary>
    /// Takes the size of groups as the constant that it is, and limits registers where groups share memory: of large groups a multiprocessor
    /// has room for a second one, which computes while the other waits; of small ones, whose threads keep vectors of states, for twelve warps.
    /// Numbers of double precision, which take two registers each, have all that there are.
    /// </summary>
    private static string ForGroups(int size, string ptx)
    {
        var limit = size >= Tiles.GroupSize ? "\n.minnctapersm 2" : KeepsVectors(ptx) ? "\n.maxnreg 168" : "";
        return ptx
            .Replace($".maxntid {size}, 1, 1", $".maxntid {size}, 1, 1{limit}", StringComparison.Ordinal)
            .Replace("%ntid.x", size.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static bool KeepsVectors(string ptx) =>
        ptx.Contains(".shared .align", StringComparison.Ordinal) && !ptx.Contains(".f64", StringComparison.Ordinal);

    /// <summary>Numbers the names that ILGPU counts up over the whole process anew.</summary>
    private static string Normalize(string ptx)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return CountedName().Replace(ptx.ReplaceLineEndings("\n"), match =>
        {
            if (!numbers.TryGetValue(match.Value, out var number))
                numbers.Add(match.Value, number = numbers.Count);
            return match.Groups["stem"].Value + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
    }

    // Labels and variables, but no registers (%), no directives (.) and no targets.
    [GeneratedRegex(@"(?<![\w$%.])(?!sm_)(?<stem>[A-Za-z_$][\w$]*_)\d+(?![\w$])", RegexOptions.CultureInvariant)]
    private static partial Regex CountedName();
}
