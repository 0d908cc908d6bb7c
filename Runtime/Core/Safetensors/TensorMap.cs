namespace MinRnn.Safetensors;

/// <summary>
/// Where the parameters of a layer or model are found in a file that another program wrote. The first rule counts that fits a parameter
/// and names a tensor that the file has.
/// </summary>
/// <param name="Rules">The rules, in order of preference.</param>
public sealed record TensorMap(params IReadOnlyList<TensorRule> Rules)
{
    /// <summary>The rules, in order of preference.</summary>
    /// <exception cref="ArgumentNullException">The list is null.</exception>
    /// <exception cref="ArgumentException">A rule is null.</exception>
    public IReadOnlyList<TensorRule> Rules
    {
        get;
        init => field = Checked(value);
    } = Checked(Rules);

    /// <summary>Whether the file may hold more than the parameters take. Tensors of integers always may be there: they are no parameters.</summary>
    public bool IgnoresOthers { get; init; }

    /// <summary>
    /// The layers of lucidrains' minGRU-pytorch, <c>minGRU</c> and <c>minLSTM</c>: one matrix without bias, the rows of the candidate first.
    /// They compute what <see cref="LogMinGru"/> and <see cref="LogMinLstm"/> do.
    /// </summary>
    public static TensorMap MinGruPytorch { get; } = new(
        new TensorRule("weight", "to_hidden_and_gate.weight") { RowOrder = ["candidate", "gate"] },
        new TensorRule("weight", "to_hidden_and_f_i_gate.weight") { RowOrder = ["candidate", "forget", "input"] },
        TensorRule.Constant("bias", 0));

    /// <summary>
    /// The language models of the same package, <c>minLM</c> and the older <c>minGRULM</c>, without their convolution. They fit a
    /// sequence model of <see cref="LogMinGru"/> or <see cref="LogMinLstm"/> with an MLP and no convolution, whose expansion is above 1.
    /// </summary>
    public static TensorMap MinLmPytorch { get; } = new(
        new TensorRule("embedding.weight", "token_emb.weight"),
        new TensorRule("blocks.*.norm.weight", "layers.*.1.weight"),
        new TensorRule("blocks.*.norm.weight", "layers.*.1.gamma") { Addend = 1 },
        new TensorRule("blocks.*.layer.weight", "layers.*.2.to_hidden_and_gate.weight") { RowOrder = ["candidate", "gate"] },
        new TensorRule("blocks.*.layer.weight", "layers.*.2.to_hidden_and_f_i_gate.weight") { RowOrder = ["candidate", "forget", "input"] },
        TensorRule.Constant("blocks.*.layer.bias", 0),
        new TensorRule("blocks.*.projection.weight", "layers.*.2.to_out.weight"),
        TensorRule.Constant("blocks.*.projection.bias", 0),
        new TensorRule("blocks.*.mlp_norm.weight", "layers.*.3.weight"),
        new TensorRule("blocks.*.mlp_norm.weight", "layers.*.3.gamma") { Addend = 1 },
        new TensorRule("blocks.*.mlp.expand.*", "layers.*.4.0.*"),
        new TensorRule("blocks.*.mlp.contract.*", "layers.*.4.2.*"),
        new TensorRule("norm.weight", "norm.weight"),
        new TensorRule("norm.weight", "norm.gamma") { Addend = 1 },
        new TensorRule("head.weight", "to_logits.weight"),
        TensorRule.Constant("head.bias", 0));

    /// <summary>Every parameter under its own name, for files that lack a stored specification, or whose specification is not to count.</summary>
    public static TensorMap Identity { get; } = new();

    /// <summary>What the names begin with where there is no rule.</summary>
    internal string Prefix { get; private init; } = "";

    /// <summary>The same map for tensors whose names begin with a prefix, among others in the file: a layer out of a model.</summary>
    /// <param name="prefix">With its dot: <c>layers.0.2.</c></param>
    public TensorMap Under(string prefix) => this with
    {
        Prefix = prefix + Prefix,
        Rules = [.. Rules.Select(rule => rule with { Tensor = rule.Tensor is null ? null : prefix + rule.Tensor })],
        IgnoresOthers = true,
    };

    private static IReadOnlyList<TensorRule> Checked(IReadOnlyList<TensorRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules, nameof(Rules));
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is null)
                throw new ArgumentException($"{nameof(Rules)}[{i}] is null, wanted a rule.", nameof(Rules));
        }

        return rules;
    }
}

/// <summary>How one parameter, or each of several, is made from a tensor of a file.</summary>
/// <param name="Parameter">The parameter's name; each <c>*</c> stands for any text without a dot.</param>
/// <param name="Tensor">
/// The tensor's name, in which each <c>*</c> is what the one in the same place stood for; null for a parameter that the file does not have.
/// </param>
public sealed record TensorRule(string Parameter, string? Tensor)
{
    /// <summary>
    /// The projections in the order in which the tensor stacks their rows; null for the order of the cell, which is the parameter's.
    /// </summary>
    public IReadOnlyList<string>? RowOrder { get; init; }

    /// <summary>Added to every element: 1 for a scale that is stored as its distance from 1.</summary>
    public double Addend { get; init; }

    /// <summary>A parameter that the file does not have: every element is the same.</summary>
    public static TensorRule Constant(string parameter, double value) => new(parameter, null) { Addend = value };

    /// <summary>The name of the tensor for a parameter, empty for a constant; null when the rule does not fit.</summary>
    internal string? TensorFor(string parameter)
    {
        var stars = new List<string>();
        return Fits(Parameter, parameter, stars) ? Substitute(Tensor ?? "", stars) : null;
    }

    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, List<string> stars)
    {
        foreach (var part in pattern.Split('.'))
        {
            if (name.Length == 0)
                return false;
            var end = name.IndexOf('.');
            var segment = end < 0 ? name : name[..end];
            if (pattern[part] is "*")
                stars.Add(segment.ToString());
            else if (!segment.SequenceEqual(pattern[part]))
                return false;
            name = end < 0 ? [] : name[(end + 1)..];
        }

        return name.Length == 0;
    }

    private static string Substitute(string pattern, List<string> stars)
    {
        var next = 0;
        return string.Join('.', pattern.Split('.').Select(part => part == "*" && next < stars.Count ? stars[next++] : part));
    }
}
