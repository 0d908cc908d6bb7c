using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The identifiers of one kernel, or of one public method: the user's names, made different from each other and from the
/// generator's own. A name stands for its numbered forms too, one for each step of a round.
/// </summary>
internal sealed class KernelNames
{
    private static readonly string[] Own =
    [
        "scan", "thread", "piece", "place", "row", "channel", "first", "end", "startRow", "step", "lowest", "last", "earlier", "preactivationAt",
        "preactivationStep", "outputAt", "outputStep", "statesAt", "statesStep", "stateAt", "partialAt", "savesStates",
        "writesPreactivations", "writesInput", "writtenPreactivations", "writtenInput", "hasGradient", "stepGradient", "stepGradientNext", "result", "range", "isInside", "state", "start", "count",
        "transition", "span", "before", "all", "entry", "T", "TStorage", "TRows", "TWalk", "Grid", "Tiles", "Quad", "State", "Transition", "Hoist",
        "AdjointTransition", "Step", "StepBackward", "StepTransition", "StepAdjointTransition", "Channels", "Strips", "ChunkStates", "ChunkCarry",
        "DoubleStorage", "SingleStorage", "Select", "Where", "Prefetch", "ahead", "aheadStep", "aheadSteps", "aheadLast",

        // Of vector states.
        "strip", "strips", "staged", "stagedAt", "shared", "sharedAt", "sharedBiasAt", "sharedRow", "shares", "shareAt", "parts", "partAt", "sums", "buffer",
        "spanAt", "spanEnd", "part", "weightAt", "elementAt", "firstElement", "hasState", "hasFinal", "checkpointAt", "ElementPlace", "Staging",
        "GroupSums", "SharedMemory", "Group", "IntrinsicMath", "Prepare", "Channel", "ChannelAgain", "StepAgain", "ChannelBackward", "ChannelOutput", "ChannelGradients", "ownAt", "keptAt",
        "ChannelTransition", "ChannelAdjointTransition", "transitions", "transitionAt", "pieceAt", "isSplit", "StateWidth", "StateSize", "PreactivationWidth", "CheckpointSteps", "Slices", "Elements", "Shared",

        // Of the public methods.
        "stream", "preactivations", "input", "initialState", "output", "states", "finalState", "batch", "time", "sequences", "outputGradient",
        "finalStateGradient", "preactivationGradient", "inputGradient", "initialStateGradient", "sizes", "weights", "gradients", "arguments",
        "direction", "reverse", "Forward", "Backward", "nameof",
    ];

    /// <summary>What kernels of vector states have one of for each element.</summary>
    private static readonly IEnumerable<string> Numbered = Enumerable.Range(0, KernelText.MostSteps).Select(element => At("span", element));

    private readonly HashSet<string> taken = new(Own.Concat(Numbered), StringComparer.Ordinal);
    private readonly Dictionary<(string Role, Symbol Symbol), string> names = [];

    /// <summary>The name of a symbol in a role: made at the first request, from the wanted one.</summary>
    public string Of(string role, Symbol symbol, string wanted)
    {
        // What the elements of a channel share has one value and, in each of a kernel's loops, the same name.
        var isOfChannel = symbol.Kind == SymbolKind.Channel;
        var key = (role, isOfChannel ? symbol with { Index = 0 } : symbol);
        if (names.TryGetValue(key, out var name))
            return name;
        name = wanted;
        for (var i = 1; Names.IsKeyword(name) || Forms().Any(taken.Contains); i++)
            name = i == 1 ? wanted + "Value" : wanted + "Value" + Literals.Int(i);
        taken.UnionWith(Forms());
        return names[key] = name;

        IEnumerable<string> Forms() => isOfChannel ? [name]
            : Enumerable.Range(0, KernelText.MostSteps).Select(step => At(name, step)).Append(name);
    }

    /// <summary>The bias of a projection.</summary>
    public string Bias(Symbol projection) => Of("bias", projection, projection.Name + "Bias");

    /// <summary>The sum of a bias's gradients.</summary>
    public string BiasSum(Symbol projection) => Of("bias sum", projection, projection.Name + "BiasSum");

    public string Sum(CellParameter weight) => Of("sum", weight.Symbol, weight.Name + "Sum");

    /// <summary>What a step's adjoint gives for a parameter.</summary>
    public string Gradient(Symbol parameter) => Of("gradient", parameter, parameter.Name + "Gradient");

    /// <summary>A value that a step takes.</summary>
    public string Operand(Symbol operand) => Of("operand", operand, operand.Name);

    /// <summary>The same value, as it lies in memory.</summary>
    public string Element(Symbol operand) => Of("element", operand, operand.Name + "Element");

    /// <summary>The same value of a step of the round after.</summary>
    public string Next(Symbol operand) => Of("next", operand, operand.Name + "Next");

    /// <summary>The public name of a weight's view.</summary>
    public string Weight(CellParameter weight) => Of("weight", weight.Symbol, weight.Name);

    /// <summary>The name for one step of a round; the name itself outside of a round.</summary>
    public static string At(string name, int? step) => step is not int number ? name
        : (char.IsDigit(name[name.Length - 1]) ? name + "At" : name) + Literals.Int(number);
}
