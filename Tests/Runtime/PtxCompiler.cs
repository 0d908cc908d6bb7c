using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using MinRnn.Tests.PtxMachine;

namespace MinRnn.Tests.Runtime;

/// <summary>Compiles methods to PTX, which needs no device.</summary>
internal static class PtxCompiler
{
    public static PtxEntry Compile(Delegate kernel)
    {
        using var context = Context.Create(builder => builder.CPU());
        using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null!);
        var compiled = backend.Compile(
            EntryPointDescription.FromExplicitlyGroupedKernel(kernel.GetMethodInfo()), new KernelSpecialization(256, null));
        return PtxModule.Parse(((PTXCompiledKernel)compiled).PTXAssembly).Entries.Single();
    }
}
