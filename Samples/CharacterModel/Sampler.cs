using System.Text;
using MinRnn.Samples.Common;
using MinRnn.Torch;
using static TorchSharp.torch;

namespace MinRnn.Samples.CharacterModel;

/// <summary>Continues a text one step at a time: the state is all that the model keeps of what it has read.</summary>
/// <param name="model">The model.</param>
/// <param name="vocabulary">Its characters.</param>
/// <param name="temperature">Divides the logits: below 1 the likely gets likelier; 0 always takes the likeliest.</param>
/// <param name="random">Picks.</param>
public sealed class Sampler(SequenceModule model, Vocabulary vocabulary, double temperature, SeededRandom random)
{
    /// <summary>The continuation of a text of at least one character.</summary>
    public string Continue(string prompt, int characters)
    {
        using var outer = NewDisposeScope();
        using var inference = no_grad();
        model.eval();

        var read = vocabulary.Encode(prompt);
        var text = new StringBuilder(characters);
        Tensor? state = null;
        for (var i = 0; i < read.Length + characters - 1; i++)
        {
            var token = i < read.Length ? read[i] : vocabulary.Encode(text[^1].ToString())[0];
            using var scope = NewDisposeScope();
            var (logits, next) = model.step(tensor([token]), state);
            state?.Dispose();
            state = next.MoveToOuterDisposeScope();
            if (i >= read.Length - 1)
                text.Append(vocabulary.Decode(Pick(logits.data<float>().ToArray())));
        }

        return text.ToString();
    }

    private int Pick(float[] logits)
    {
        var best = Array.IndexOf(logits, logits.Max());
        if (temperature == 0)
            return best;

        var weights = logits.Select(logit => Math.Exp((logit - logits[best]) / temperature)).ToArray();
        var left = random.NextDouble() * weights.Sum();
        for (var token = 0; token < weights.Length; token++)
        {
            left -= weights[token];
            if (left < 0)
                return token;
        }

        return best;
    }
}
