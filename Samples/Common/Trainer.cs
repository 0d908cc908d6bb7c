using MinRnn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Samples.Common;

/// <summary>
/// A model with its optimiser and random generators: everything that a training step changes, so that saving and restoring it
/// continues a run bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const string ModelSection = "model";
    private const string OptimizerSection = "optimizer";
    private const string GeneratorSection = "generator";

    private readonly ITrainingTask _task;
    private readonly TrainingSettings _settings;
    private readonly AdamW _optimizer;
    private readonly Parameter[] _parameters;

    /// <summary>Creates a model and its optimiser from the settings' seed.</summary>
    public Trainer(Func<nn.Module<Tensor, Tensor>> createModel, ITrainingTask task, TrainingSettings settings)
    {
        (_task, _settings) = (task, settings);
        manual_seed(settings.Seed);
        Model = createModel();
        Data = new SeededRandom(settings.Seed);
        _parameters = [.. Model.parameters()];
        var undecayed = Undecayed(Model);
        _optimizer = optim.AdamW(
            [
                new AdamW.ParamGroup(
                    [.. _parameters.Where(parameter => !undecayed.Contains(parameter.Handle))], new AdamW.Options { weight_decay = settings.WeightDecay }),
                new AdamW.ParamGroup(
                    [.. _parameters.Where(parameter => undecayed.Contains(parameter.Handle))], new AdamW.Options { weight_decay = 0 }),
            ],
            lr: settings.Schedule.Peak, beta1: 0.9, beta2: 0.999);
    }

    /// <summary>The model, tokens [B, T] to logits [B, T, V].</summary>
    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount => _parameters.Sum(parameter => parameter.numel());

    /// <summary>The generator of the training data.</summary>
    public SeededRandom Data { get; }

    /// <summary>Trains on one fresh batch.</summary>
    /// <param name="step">The step, counted from 0: it sets the learning rate.</param>
    /// <exception cref="TrainingFailedException">The loss or its gradient is not finite; the parameters are as they were.</exception>
    public Score Step(int step)
    {
        using var scope = NewDisposeScope();
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = _settings.Schedule.Rate(step);

        Model.train();
        _optimizer.zero_grad();
        var (loss, accuracy) = _task.TrainingLoss(Model, Data);
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new TrainingFailedException($"The loss of step {step + 1} is {value}: try a lower --rate.");
        loss.backward();
        var norm = nn.utils.clip_grad_norm_(_parameters, _settings.Clip);
        if (!double.IsFinite(norm))
            throw new TrainingFailedException($"The gradient's norm at step {step + 1} is {norm}: try a lower --rate.");
        _optimizer.step();
        return new Score(value, accuracy);
    }

    /// <summary>Scores the model on held-out data.</summary>
    public Score Evaluate(bool full)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Model.eval();
        return _task.Evaluate(Model, full);
    }

    /// <summary>Adds the sections of a checkpoint.</summary>
    public void Save(IDictionary<string, byte[]> sections)
    {
        using var scope = NewDisposeScope();
        var model = new MemoryStream();
        Model.save(model);
        sections[ModelSection] = model.ToArray();

        var optimizer = new MemoryStream();
        using (var writer = new BinaryWriter(optimizer))
            _optimizer.save_state_dict(writer);
        sections[OptimizerSection] = optimizer.ToArray();
        sections[GeneratorSection] = get_rng_state().data<byte>().ToArray();
    }

    /// <summary>Restores what <see cref="Save"/> saved.</summary>
    public void Restore(IReadOnlyDictionary<string, byte[]> sections)
    {
        using var scope = NewDisposeScope();
        try
        {
            Model.load(new MemoryStream(sections[ModelSection]));
            using var reader = new BinaryReader(new MemoryStream(sections[OptimizerSection]));
            _optimizer.load_state_dict(reader);
            set_rng_state(tensor(sections[GeneratorSection], dtype: ScalarType.Byte));
        }
        catch (Exception error) when (error is ArgumentException or FormatException or IOException or KeyNotFoundException)
        {
            throw new UserErrorException($"The checkpoint does not fit this program's model: {error.Message}", error);
        }
    }

    /// <summary>Releases the model and the optimiser.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        Model.Dispose();
    }

    /// <summary>What a sequence model says has no decay; of any other model, what is no matrix.</summary>
    private static HashSet<nint> Undecayed(nn.Module<Tensor, Tensor> model) =>
        [.. (model is SequenceModule sequence ? sequence.UndecayedParameters : model.parameters().Where(parameter => parameter.dim() < 2))
            .Select(parameter => parameter.Handle)];
}
