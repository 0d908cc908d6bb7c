namespace MinRnn.Torch.Autograd;

/// <summary>Stands behind gradients that were computed with <c>create_graph</c>: they cannot be differentiated again.</summary>
internal sealed class SecondDerivativeNode : AutogradNode
{
    protected override void Backward(
        ReadOnlySpan<Tensor?> outputGradients, ReadOnlySpan<Tensor?> saved, Span<Tensor?> inputGradients) =>
        throw new NotSupportedException("A second derivative through a fused recurrent operation is not supported.");
}
