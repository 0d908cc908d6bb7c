using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Tests.Generator.Documentation.Pictures;

/// <summary>What a box of a picture is.</summary>
internal enum FlowKind
{
    /// <summary>A projection, or the layer's input: read in each step.</summary>
    Input,

    /// <summary>A learned weight.</summary>
    Weight,

    /// <summary>A state, or the gradient of one, from the step before.</summary>
    State,

    /// <summary>A gradient that comes from outside.</summary>
    Gradient,

    /// <summary>A line that the kernel computes before the first step.</summary>
    Prepared,

    /// <summary>A line that it computes once for all elements of a channel's state.</summary>
    Channel,

    /// <summary>A line that it computes in each step.</summary>
    Value,

    /// <summary>What a step delivers.</summary>
    Result,
}

/// <summary>A box: what is computed, from which others, and for a result, the box of the next step that it becomes.</summary>
internal sealed record FlowBox(FlowKind Kind, string Title, string Text, IReadOnlyList<FlowBox> From)
{
    public FlowBox? Becomes { get; set; }

    public bool Equals(FlowBox? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>
/// The boxes of one step of a kernel, from the schedules that its code is written from: a box for each thing that is loaded, for
/// each line that computes, and for each result.
/// </summary>
internal sealed class Flow
{
    private readonly List<FlowBox> boxes = [];
    private readonly Dictionary<Symbol, FlowBox> sources = [];

    public IReadOnlyList<FlowBox> Boxes => boxes;

    public static Flow Forward(KernelPlan plan) => Of(plan, isForward: true, []);

    /// <summary>What forward prepares from weights already stands here without its formula.</summary>
    public static Flow Backward(KernelPlan plan) =>
        Of(plan, isForward: false, [.. Forward(plan).Boxes.Where(box => box.Kind == FlowKind.Prepared).Select(box => (box.Title, box.Text))]);

    private static Flow Of(KernelPlan plan, bool isForward, HashSet<(string Title, string Text)> prepared)
    {
        var flow = new Flow();
        if (plan.Cell.IsVector)
        {
            flow.AddSpan(new SpanPlan(plan, []), plan, isForward, prepared);
        }
        else
        {
            var hoisting = new Hoisting();
            var schedule = isForward ? plan.Forward(hoisting) : plan.Backward(hoisting);
            flow.Publish(flow.Add(hoisting.Schedule(), FlowKind.Prepared, prepared));
            flow.Deliver(flow.Add(schedule, FlowKind.Value, []), plan, isForward);
        }

        while (flow.boxes.RemoveAll(box => box.Kind != FlowKind.Result && !flow.boxes.Any(other => other.From.Contains(box))) > 0)
        {
        }

        return flow;
    }

    /// <summary>Adds the loops of a cell with vector states, each of which reads what those before it hand on.</summary>
    private void AddSpan(SpanPlan spans, KernelPlan plan, bool isForward, HashSet<(string Title, string Text)> prepared)
    {
        var schedule = isForward ? spans.Forward : spans.Backward;
        Publish(Add(spans.Preparation, FlowKind.Prepared, prepared));
        Publish(Add(schedule.Ahead, FlowKind.Channel, []));
        if (schedule.Replay is not null)
        {
            Publish(Add(schedule.Replay, FlowKind.Value, []).Select(result =>
                (result.Target.Kind == SymbolKind.State ? SpanPlan.NextOf(result.Target) : result.Target, result.Box)));
        }

        var element = Add(schedule.Element, FlowKind.Value, []);
        Publish(element.Where(result => IsSum(result.Target)));
        List<(Symbol, FlowBox?)> after = [.. Add(schedule.AfterElement, FlowKind.Value, []), .. Add(schedule.After, FlowKind.Channel, [])];
        Deliver(element.Where(result => !IsSum(result.Target)).Concat(after), plan, isForward);
    }

    private static bool IsSum(Symbol symbol) => symbol.Kind is SymbolKind.ElementSum or SymbolKind.StepSum;

    private static bool IsRunning(Symbol symbol) => IsSum(symbol) || symbol.Kind == SymbolKind.ChannelSum;

    private void Publish(IEnumerable<(Symbol Target, FlowBox? Box)> results)
    {
        foreach (var (target, box) in results)
        {
            if (box is not null)
                sources[target] = box;
        }
    }

    /// <summary>Adds the lines of a schedule, without the formulas of those that are known; what it delivers, by target.</summary>
    private List<(Symbol Target, FlowBox? Box)> Add(Schedule schedule, FlowKind kind, HashSet<(string Title, string Text)> known)
    {
        var lines = new Dictionary<Expr, FlowBox>();
        var formulas = new Formulas(node => schedule.Names.Has(node) ? schedule.Names[node] : null);

        // A sum is read to be added to: a line that comes from itself.
        foreach (var load in schedule.Loads.Where(load => schedule.Results.All(result => result.Target != load.Symbol || !IsRunning(load.Symbol!))))
            lines[load] = Source(load.Symbol!, schedule.Names[load]);
        foreach (var value in schedule.Values)
        {
            var text = value.Partner is null ? formulas.Definition(value.Node) : $"{value.PairSpelling}({formulas.Use(value.Node[0])})";
            var title = schedule.Names[value.Node] + (value.Partner is null ? "" : ", " + schedule.Names[value.Partner]);
            var box = known.Contains((title, text)) ? Line(kind, title, "", [])
                : Line(kind, title, text, Uses(value.Node, lines).Union(value.Partner is null ? [] : Uses(value.Partner, lines)));
            lines[value.Node] = box;
            if (value.Partner is not null)
                lines[value.Partner] = box;
        }

        var delivered = new List<(Symbol, FlowBox?)>();
        foreach (var (target, value) in schedule.Results)
        {
            var box = value.IsConstant ? null
                : lines.TryGetValue(value, out var own) ? own
                : Line(kind, schedule.Loads.FirstOrDefault(load => load.Symbol == target && IsSum(target)) is { } sum ? schedule.Names[sum] : "", formulas.Definition(value), Uses(value, lines));
            delivered.Add((target, box));
        }

        return delivered;
    }

    private void Deliver(IEnumerable<(Symbol Target, FlowBox? Box)> delivered, KernelPlan plan, bool isForward)
    {
        foreach (var (target, box) in delivered)
        {
            if (box is null)
                continue;
            var isState = target.Kind == SymbolKind.State;
            var name = target.Kind == SymbolKind.ChannelSum ? plan.Cell.Shared.ElementAt(target.Index).Name : target.Name;
            var isOutput = isForward && isState && target.Index == 0 && plan.Cell.Output is null && !plan.Cell.IsVector;
            var title = isForward ? (isState ? target.Name + (isOutput ? " = output" : "") : "output" + (plan.Cell.IsVector ? ", summed" : ""))
                : name + "Gradient" + (target.Kind is SymbolKind.Weight or SymbolKind.ChannelSum ? ", summed" : "");
            var result = Line(FlowKind.Result, title, "", [box]);
            if (isState)
            {
                result.Becomes = sources.FirstOrDefault(source =>
                    source.Key.Kind == (isForward ? SymbolKind.State : SymbolKind.StateGradient) && source.Key.Index == target.Index).Value;
            }
        }
    }

    private FlowBox Source(Symbol symbol, string name)
    {
        if (sources.TryGetValue(symbol, out var source))
            return source;
        var kind = symbol.Kind switch
        {
            SymbolKind.State => FlowKind.State,
            SymbolKind.Weight => FlowKind.Weight,
            SymbolKind.StateGradient or SymbolKind.OutputGradient => FlowKind.Gradient,
            _ => FlowKind.Input,
        };
        return sources[symbol] = Line(kind, name, "", []);
    }

    private FlowBox Line(FlowKind kind, string title, string text, IEnumerable<FlowBox> from)
    {
        var box = new FlowBox(kind, title, text, [.. from]);
        boxes.Add(box);
        return box;
    }

    /// <summary>The boxes whose names stand in the formula of a node.</summary>
    private static IEnumerable<FlowBox> Uses(Expr node, Dictionary<Expr, FlowBox> lines) =>
        node.Operands.SelectMany(operand => lines.TryGetValue(operand, out var box) ? [box] : Uses(operand, lines)).Distinct();
}
