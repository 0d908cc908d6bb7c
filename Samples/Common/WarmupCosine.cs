namespace MinRnn.Samples.Common;

/// <summary>
/// A learning rate that rises linearly over the first steps and then falls along a half cosine to a share of its peak.
/// </summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="WarmUp">Steps of the rise.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="FinalShare">The last rate over the highest; 1 keeps the rate constant.</param>
public sealed record WarmupCosine(double Peak, int WarmUp, int Steps, double FinalShare)
{
    /// <summary>The rate of a step, counted from 0.</summary>
    public double Rate(int step)
    {
        if (step < WarmUp)
            return Peak * (step + 1) / WarmUp;
        var progress = Math.Min(1, (step - WarmUp) / (double)Math.Max(1, Steps - WarmUp));
        return Peak * (FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
