using System.Reflection;
using MinRnn.Torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MinRnn.Tests.Conformance.Torch;

public class HeldScalarTests
{
    private const int FirstMemberReference = 0x0A000001;

    /// <summary>
    /// The runtime has its scalars in its own hands: it calls none of the operations of tensors that make one of a number, or of the factor 1
    /// of a sum, and let go of it before libtorch has read it.
    /// </summary>
    [Fact]
    public void RuntimeCallsNoOperationThatHidesAScalar()
    {
        var called = CalledBy(typeof(TorchLibrary).Module).Where(method => method.DeclaringType == typeof(Tensor)).ToArray();
        Assert.Contains(called, method => method.Name == nameof(Tensor.add));
        Assert.Empty(called.Where(HidesScalar).Select(method => method.ToString()));
    }

    private static bool HidesScalar(MethodBase method)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        return method.Name.StartsWith("op_", StringComparison.Ordinal)
            ? method.Name is "op_Addition" or "op_Subtraction" || parameters.Any(type => type.IsPrimitive)
            : (method.Name.TrimEnd('_') is "add" or "sub" && parameters.Length == 1) || method.Name.TrimEnd('_') is "square";
    }

    private static IEnumerable<MethodBase> CalledBy(Module module)
    {
        for (var token = FirstMemberReference; ; token++)
        {
            MethodBase? method = null;
            try
            {
                // Generic parents have no type here, and no tensors.
                method = module.ResolveMember(token) as MethodBase;
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            catch (Exception error) when (error is BadImageFormatException or ArgumentException)
            {
            }

            if (method is not null)
                yield return method;
        }
    }
}
