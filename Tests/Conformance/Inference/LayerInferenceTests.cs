using System.Numerics;
using MinRnn.Inference;
using MinRnn.Safetensors;
using MinRnn.Tests.Common;
using MinRnn.Tests.Conformance.Torch;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Inference;

/// <summary>What is deployed of a layer computes what its module does.</summary>
[Collection(nameof(TorchCollection))]
public class LayerInferenceTests
{
    private static readonly (int Batch, int Time)[] Shapes = [(1, 1), (1, 2), (3, 5), (2, 64), (70, 1), (5, 65), (1, 200), (0, 3), (2, 0), (0, 0)];

    public static TheoryData<DeployedLayer<float>> Layers => [.. Deployment.Layers];

    public static TheoryData<DeployedLayer<double>> DoubleLayers => [.. Deployment.DoubleLayers];

    [Fact]
    public void Every_built_in_cell_is_deployed()
    {
        var deployed = typeof(DeployedMinGru).Assembly.GetTypes().Where(type => type.Namespace == typeof(DeployedMinGru).Namespace)
            .SelectMany(type => type.GetCustomAttributes(typeof(RecurrentLayerAttribute), false)).Select(layer => ((RecurrentLayerAttribute)layer).Cell);
        Assert.Empty(CellGraphs.BuiltIn.Except(deployed));
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Outputs_and_states_are_the_modules(DeployedLayer<float> layer) => Compare(layer, 1e-5);

    [Theory]
    [MemberData(nameof(DoubleLayers))]
    public void Outputs_and_states_are_the_modules_in_double(DeployedLayer<double> layer) => Compare(layer, 1e-13);

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_sequence_has_the_same_bits_in_any_batch_and_cut_anywhere(DeployedLayer<float> layer)
    {
        var (inference, inputSize, outputSize) = Deploy(layer);
        var random = new Random(3);
        const int Batch = 5, Time = 97;
        var input = Deployment.Normal<float>(random, Batch * Time * inputSize);
        var (state, output) = (new float[Batch * layer.StateSize], new float[Batch * Time * outputSize]);
        inference.Forward(input, state, output, Batch, Time);
        var canBeCut = inference is ForwardLayerInference<float>;
        for (var row = 0; row < Batch; row++)
        {
            var (alone, outputs) = (new float[layer.StateSize], new float[Time * outputSize]);
            var sequence = input.AsSpan(row * Time * inputSize, Time * inputSize);
            for (var step = 0; step < Time;)
            {
                var steps = canBeCut ? int.Min(Time - step, random.Next(1, 40)) : Time;
                inference.Forward(sequence.Slice(step * inputSize, steps * inputSize), alone, outputs.AsSpan(step * outputSize, steps * outputSize), 1, steps);
                step += steps;
            }

            Assert.Equal(output.AsSpan(row * Time * outputSize, Time * outputSize), outputs.AsSpan());
            Assert.Equal(state.AsSpan(row * layer.StateSize, layer.StateSize), alone.AsSpan());
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Steps_have_the_bits_of_the_sequence_and_allocate_nothing(DeployedLayer<float> layer)
    {
        var (any, inputSize, outputSize) = Deploy(layer);
        if (any is not ForwardLayerInference<float> inference)
            return;
        const int Batch = 3, Time = 40;
        var input = Deployment.Normal<float>(new Random(4), Batch * Time * inputSize);
        var (state, output) = (new float[Batch * layer.StateSize], new float[Batch * Time * outputSize]);
        inference.Forward(input, state, output, Batch, Time);
        var (stepped, x, y) = (new float[Batch * layer.StateSize], new float[Batch * inputSize], new float[Batch * outputSize]);
        long allocated = 0;
        for (var step = 0; step < Time; step++)
        {
            for (var row = 0; row < Batch; row++)
                input.AsSpan(((row * Time) + step) * inputSize, inputSize).CopyTo(x.AsSpan(row * inputSize));
            var before = GC.GetAllocatedBytesForCurrentThread();
            inference.Step(x, stepped, y);
            if (step > 0)
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            for (var row = 0; row < Batch; row++)
                Assert.Equal(output.AsSpan(((row * Time) + step) * outputSize, outputSize), y.AsSpan(row * outputSize, outputSize));
        }

        Assert.Equal(state, stepped);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Threads_share_the_weights()
    {
        var (inference, inputSize, outputSize) = Deploy(Deployment.Layers[0]);
        var stateSize = DeployedMinGru.Inference.StateSize;
        const int Time = 50;
        var inputs = Enumerable.Range(0, 8).Select(i => Deployment.Normal<float>(new Random(i), Time * inputSize)).ToList();
        var alone = inputs.Select(Run).ToList();
        for (var round = 0; round < 5; round++)
        {
            var together = new float[inputs.Count][];
            Parallel.For(0, inputs.Count, i => together[i] = Run(inputs[i]));
            for (var i = 0; i < inputs.Count; i++)
                Assert.Equal(alone[i], together[i]);
        }

        float[] Run(float[] input)
        {
            var (state, output) = (new float[stateSize], new float[Time * outputSize]);
            inference.Forward(input, state, output, 1, Time);
            return output;
        }
    }

    [Fact]
    public void Streams_and_bytes_are_as_files()
    {
        using var layer = new DeployedMinGru();
        var file = Path.GetTempFileName();
        layer.SaveSafetensors(file, new Dictionary<string, string> { ["note"] = "mine" });
        var content = File.ReadAllBytes(file);
        var ofFile = DeployedMinGru.Inference.Load(file);
        File.Delete(file);
        Assert.Equal("mine", ofFile.Metadata["note"]);
        var input = Deployment.Normal<float>(new Random(1), 7);
        float[] Step(DeployedMinGru.Inference inference)
        {
            var (state, output) = (new float[DeployedMinGru.Inference.StateSize], new float[13]);
            inference.Step(input, state, output);
            return output;
        }

        Assert.Equal(Step(ofFile), Step(DeployedMinGru.Inference.Load(new MemoryStream(content))));
        Assert.Equal(Step(ofFile), Step(DeployedMinGru.Inference.Load(content)));
    }

    [Fact]
    public void Files_of_another_architecture_are_refused()
    {
        using var layer = new DeployedMinGru();
        var file = Path.GetTempFileName();
        layer.SaveSafetensors(file);
        Assert.Contains("its cell is 'MinRnn.MinGru', wanted 'MinRnn.MinLstm'", Assert.Throws<SafetensorsException>(() => DeployedMinLstm.Inference.Load(file)).Message);
        Assert.Contains("is F32 [26, 7]; DeployedMinLstm needs [24, 16]", Assert.Throws<SafetensorsException>(
            () => DeployedMinLstm.Inference.Load(file, new InferenceOptions { Map = TensorMap.Identity })).Message);
        File.Delete(file);
    }

    [Fact]
    public void Published_layers_are_read()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var weight = randn(144, 40);
        var file = Path.GetTempFileName();
        new SafetensorsWriter().Add("to_hidden_and_gate.weight", [144, 40], weight.data<float>().ToArray()).Save(file);
        using var layer = new DeployedLogMinGru();
        layer.LoadSafetensors(file, TensorMap.MinGruPytorch);
        var inference = DeployedLogMinGru.Inference.Load(file, new InferenceOptions { Map = TensorMap.MinGruPytorch });
        File.Delete(file);
        var input = randn(1, 6, 40);
        var output = new float[6 * 72];
        inference.Forward(input.data<float>().ToArray(), new float[72], output, 1, 6);
        Deployment.AssertClose(layer.call(input).Item1, output, 1e-5, "output");
    }

    [Fact]
    public void Wrong_spans_are_named()
    {
        var (any, _, _) = Deploy(Deployment.Layers[0]);
        var inference = (ForwardLayerInference<float>)any;
        float[] Floats(int count) => new float[count];
        Assert.Contains("input has 8 elements, wanted a multiple of 7", Assert.Throws<ArgumentException>("input", () => inference.Step(Floats(8), Floats(13), Floats(13))).Message);
        Assert.Contains("state has 12 elements, wanted [B, StateSize] = 13", Assert.Throws<ArgumentException>("state", () => inference.Step(Floats(7), Floats(12), Floats(13))).Message);
        Assert.Throws<ArgumentException>("output", () => inference.Step(Floats(7), Floats(13), Floats(14)));
        Assert.Throws<ArgumentException>("input", () => inference.Forward(Floats(7), Floats(13), Floats(26), 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>("batch", () => inference.Forward([], [], [], -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("time", () => inference.Forward([], [], [], 1, -1));
        var shared = Floats(26);
        Assert.Contains("overlaps input", Assert.Throws<ArgumentException>("output", () => inference.Step(shared.AsSpan(6, 7), Floats(13), shared.AsSpan(0, 13))).Message);
        Assert.Contains("overlaps input", Assert.Throws<ArgumentException>("state", () => inference.Step(shared.AsSpan(6, 7), shared.AsSpan(0, 13), Floats(13))).Message);
        Assert.Contains("= 32281802098926944263", Assert.Throws<ArgumentException>("input", () => inference.Forward([], [], [], int.MaxValue, int.MaxValue)).Message);
        Assert.Contains("overlaps state", Assert.Throws<ArgumentException>("output", () => inference.Step(Floats(7), shared.AsSpan(1, 13), shared.AsSpan(0, 13))).Message);
    }

    [Fact]
    public void Weights_of_8_bits_lose_little_and_say_how_much()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using var layer = new DeployedLogMinGru();
        var inference = Deployment.Deploy(layer, file => layer.SaveSafetensors(file), file => DeployedLogMinGru.Inference.Load(file, new InferenceOptions { Quantize = true }));
        var loss = Assert.Single(inference.QuantizationLosses);
        Assert.Equal("weight", loss.Parameter);
        Assert.InRange(loss.RelativeError, 0.001, 0.01);
        var input = randn(3, 70, 40);
        var (output, last) = layer.call(input);
        var (state, found) = (new float[3 * 72], new float[3 * 70 * 72]);
        inference.Forward(input.data<float>().ToArray(), state, found, 3, 70);
        Deployment.AssertClose(output, found, 0.02, "output");
        Deployment.AssertClose(last, state, 0.02, "state");
        Assert.ThrowsAny<Exception>(() => Deployment.AssertClose(output, found, 1e-5, "output"));

        using var wide = new DeployedDouble();
        Assert.Contains("Precision.Double", Assert.Throws<NotSupportedException>(() => Deployment.Deploy(
            wide, file => wide.SaveSafetensors(file), file => DeployedDouble.Inference.Load(file, new InferenceOptions { Quantize = true }))).Message);
    }

    [Fact]
    public void Rows_of_nothing_are_rounded_to_nothing_and_infinite_ones_refused()
    {
        var file = Path.GetTempFileName();
        DeployedMinGru.Inference Load(float value)
        {
            var weight = Enumerable.Range(0, 26 * 7).Select(i => i < 7 ? value : 0).ToArray();
            new SafetensorsWriter().Add("weight", [26, 7], weight).Add("bias", [26], new float[26]).Save(file);
            return DeployedMinGru.Inference.Load(file, new InferenceOptions { Map = TensorMap.Identity, Quantize = true });
        }

        foreach (var value in new[] { 0, 1e-45f, 1e-38f, 3e38f })
        {
            var output = new float[13];
            Load(value).Step(new float[7], new float[13], output);
            Assert.All(output, element => Assert.Equal(0, element));
        }

        Assert.Contains("weight is infinite or NaN", Assert.Throws<SafetensorsException>(() => Load(float.NaN)).Message);
        File.Delete(file);
    }

    private static (LayerInference<T> Inference, int InputSize, int OutputSize) Deploy<T>(DeployedLayer<T> layer)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        manual_seed(1);
        using var module = layer.Make();
        var inference = Deployment.Deploy(module, file => module.SaveSafetensors(file), file => layer.Load(file, null));
        return (inference, module.InputSize, module.HiddenSize * (module.Direction == Direction.Bidirectional ? 2 : 1));
    }

    private static void Compare<T>(DeployedLayer<T> layer, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(1);
        using var module = layer.Make();
        var inference = Deployment.Deploy(module, file => module.SaveSafetensors(file), file => layer.Load(file, null));
        var type = typeof(T) == typeof(double) ? ScalarType.Float64 : ScalarType.Float32;
        var directions = module.Direction == Direction.Bidirectional ? 2 : 1;
        Assert.Equal(directions * module.StateShape.Aggregate((product, size) => product * size), layer.StateSize);
        foreach (var (batch, time) in Shapes)
        {
            foreach (var isGiven in new[] { false, true })
            {
                var input = randn(batch, time, module.InputSize, dtype: type);
                long[] shape = [batch, .. directions == 2 ? (long[])[2] : [], .. module.StateShape];
                var given = isGiven ? rand(shape, dtype: type) + 0.5 : null;
                var (output, last) = module.call(input, given);
                var state = given is null ? new T[batch * layer.StateSize] : Deployment.Toggle(Deployment.Values<T>(given), layer.States, module.HiddenSize);
                var found = new T[output.numel()];
                inference.Forward(Deployment.Values<T>(input), state, found, batch, time);
                Deployment.AssertClose(output, found, tolerance, $"output of {batch} x {time}");
                Deployment.AssertClose(last, Deployment.Toggle(state, layer.States, module.HiddenSize), tolerance, $"state of {batch} x {time}");
            }
        }
    }
}
