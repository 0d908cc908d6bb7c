namespace MinRnn.Tests.Generator.Harness;

/// <summary>Declarations that several tests compile.</summary>
internal static class Cells
{
    /// <summary>Two states, an output of its own with a projection of its own, the layer's input, and two weights.</summary>
    public const string Oscillator =
        """
        [RecurrentCell]
        public static partial class Oscillator
        {
            private const float Rate = 0.1f;

            public static (float position, float velocity) Step(
                [State(Initial = 1f)] float position, [State] float velocity, float drive, [Projection(BiasInitial = -1f)] float damping,
                [Input] float x, [Weight(Initial = 0.5f)] float stiffness, [Weight(InitializeWith = nameof(Spread))] float mass)
            {
                var keep = Sigmoid(damping);
                var force = Tanh(drive) + x - (Softplus(stiffness) * position);
                var next = (keep * velocity) + (Rate * force);
                return (position + (Rate * next), next * Sigmoid(mass));
            }

            public static float Output([State] float position, [State] float velocity, float gate, [Input] float x) =>
                (Silu(gate) * position) + (velocity > 0 ? x : 0.5f * x);

            public static float Spread(int channel, int state, int channels, System.Random random) => (float)channel / channels;
        }

        """;

    public const string Leaky =
        """
        [RecurrentCell]
        public static partial class LeakyCandidate
        {
            public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
            {
                var keep = Sigmoid(gate) * Exp(-Softplus(decay));
                return keep * h + (1 - keep) * Tanh(candidate);
            }
        }

        """;

    /// <summary>A cell around the body of <c>Step</c>, braces and all, or <c>=></c> and an expression.</summary>
    public static string WithStep(string body, string members = "") => Compiler.Usings +
        $$"""
        [RecurrentCell] public static partial class Tested {
        public static float Step([State] float h, float gate, float candidate)
        {{body}}
        {{members}}
        }
        """;

    /// <summary>The same with a layer of it.</summary>
    public static string WithLayer(string cell, string name = "Tested") => cell +
        $"\n[RecurrentLayer(typeof({name}), InputSize = 3, HiddenSize = 3)] public partial class TestedLayer;";
}
