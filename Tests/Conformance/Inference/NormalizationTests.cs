using System.Text;
using MinRnn.Inference;
using MinRnn.Safetensors;
using MinRnn.Tests.Conformance.Torch;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Inference;

/// <summary>What the choice of norm means to files and to what is deployed; that logits are the module's is tested for all models alike.</summary>
[Collection(nameof(TorchCollection))]
public sealed class NormalizationTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Double_precision_is_the_modules()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var module = new DeployedDoubleModel();
        var inference = Deployment.Deploy(module, path => module.SaveSafetensors(path), path => DeployedDoubleModel.Inference.Load(path));
        var logits = new double[2 * 3 * 7];
        inference.Forward([1, 2, 3, 6, 5, 4], new double[2 * DeployedDoubleModel.Inference.StateSize], logits, 2, 3);
        Deployment.AssertClose(module.call(tensor(new long[,] { { 1, 2, 3 }, { 6, 5, 4 } })), logits, 1e-13, "logits");
    }

    [Fact]
    public void Norms_are_not_rounded_to_8_bits()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(3);
        using var layer = new DeployedLayerNormModel();
        using var unnormalized = new DeployedUnnormalizedModel();
        Require(layer, path => DeployedLayerNormModel.Inference.Load(path, new InferenceOptions { Quantize = true }));
        Require(unnormalized, path => DeployedUnnormalizedModel.Inference.Load(path, new InferenceOptions { Quantize = true }));

        static void Require(SequenceModule module, Func<string, ModelInference<float>> load)
        {
            module.eval();
            var inference = Deployment.Deploy(module, path => module.SaveSafetensors(path), load);
            Assert.Equal((2 * 4) + 1, inference.QuantizationLosses.Count);
            Assert.DoesNotContain(inference.QuantizationLosses, loss => loss.Parameter.Contains("norm", StringComparison.Ordinal));
            var logits = new float[6 * 11];
            inference.Forward([3, 1, 4, 1, 5, 9], new float[DeployedLayerNormModel.Inference.StateSize], logits, 1, 6);
            Deployment.AssertClose(module.call(tensor(new long[] { 3, 1, 4, 1, 5, 9 }).unsqueeze(0)), logits, 0.1, "logits");
        }
    }

    [Fact]
    public void A_file_of_another_norm_is_refused()
    {
        using var layer = new DeployedLayerNormModel();
        using var unnormalized = new DeployedUnnormalizedModel();
        layer.SaveSafetensors(file);
        Refused("its normalization is 'layer', wanted 'none'", () => DeployedUnnormalizedModel.Inference.Load(file));
        Refused("its normalization is 'layer', wanted 'none'", () => unnormalized.LoadSafetensors(file));
        var byNames = new InferenceOptions { Map = TensorMap.Identity };
        Refused("'blocks.0.norm.weight' [12] is no parameter of DeployedUnnormalizedModel", () => DeployedUnnormalizedModel.Inference.Load(file, byNames));

        unnormalized.SaveSafetensors(file);
        Refused("its normalization is 'none', wanted 'layer'", () => layer.LoadSafetensors(file));
        Refused(
            "no tensor 'blocks.0.norm.weight', which DeployedLayerNormModel needs for blocks.0.norm.weight [12]",
            () => DeployedLayerNormModel.Inference.Load(file, byNames));
    }

    /// <summary>Files from before there was a choice do not say it.</summary>
    [Fact]
    public void A_file_that_names_no_norm_has_the_root_mean_square()
    {
        using var model = new DeployedBareModel();
        model.SaveSafetensors(file);
        Forget();
        DeployedBareModel.Inference.Load(file);
        model.LoadSafetensors(file);

        using var layer = new DeployedLayerNormModel();
        layer.SaveSafetensors(file);
        Forget();
        Refused("its normalization is 'rms', wanted 'layer'", () => DeployedLayerNormModel.Inference.Load(file));

        void Forget() => File.WriteAllBytes(
            file, Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("minrnn.normalization", "minrnn.normalisation")));
    }

    private static void Refused(string message, Action load) => Assert.Contains(message, Assert.Throws<SafetensorsException>(load).Message);
}
