using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// Writes transitions: the structure that holds one, with how two compose and what one does to the state, and the function
/// that makes a step's. Elements that are 0 in every composition do not exist.
/// </summary>
/// <param name="Transition">What it writes.</param>
/// <param name="Structure">The structure's name.</param>
/// <param name="Function">The name of the function that makes a step's.</param>
/// <param name="IsDouble">Whether numbers are of double precision.</param>
internal sealed record TransitionText(TransitionPlan Transition, string Structure, string Function, bool IsDouble)
{
    private readonly ScalarDialect dialect = new(IsDouble);
    private readonly StateNames names = new(Transition.States);

    public string Scalar => dialect.Scalar;

    private int States => Transition.States.Length;

    /// <summary>The type of a channel's states: one number, or a structure of them.</summary>
    public string State => States == 1 ? Scalar : "State";

    public IEnumerable<Symbol> Operands => Transition.Schedule.Loads.Select(load => load.Symbol!);

    public IEnumerable<Symbol> Loads(SymbolKind kind) => Operands.Where(operand => operand.Kind == kind);

    /// <summary>Writes the structure of a channel's states, where there are several.</summary>
    public static void WriteState(CodeWriter code, TransitionPlan plan, string scalar)
    {
        if (plan.States.Length == 1)
            return;
        code.Line("/// <summary>The states of a channel.</summary>");
        using (code.Block($"public readonly struct State({List(plan.States.Select(state => $"{scalar} {Local(state)}"))})"))
        {
            var names = new StateNames(plan.States);
            for (var i = 0; i < plan.States.Length; i++)
                code.Line($"public readonly {scalar} {names.Member(i)} = {Local(plan.States[i])};");
        }

        code.Line();
    }

    public void WriteStructure(CodeWriter code)
    {
        var elements = Transition.Elements;
        code.Line("/// <summary>");
        code.Line("/// What some steps do to the state:");
        foreach (var offset in elements.Where(element => element.Column < 0))
        {
            var terms = elements.Where(element => element.Row == offset.Row && element.Column >= 0)
                .Select(element => $"{element.Name} · {Transition.States[element.Column]}");
            code.Line($"/// next {Transition.States[offset.Row]} = {string.Join(" + ", terms)} + {offset.Name}.");
        }

        code.Line("/// </summary>");
        using (code.Block($"public readonly struct {Structure}({List(elements.Select(element => $"{Scalar} {element.Name}"))}) : ITransition<{Structure}, {State}>"))
        {
            code.Line($"private readonly {Scalar} {List(elements.Select(element => $"{element.Name} = {element.Name}"))};").Line();
            code.Line($"public static {Structure} Identity => new({List(elements.Select(element => dialect.Number(element.Row == element.Column ? 1 : 0)))});").Line();
            code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            code.Line($"public static {Structure} Compose({Structure} first, {Structure} second) => new(");
            Items(code, elements.Select(Composed));
            code.Line().Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            if (States == 1)
            {
                code.Line($"public static {State} Apply({Structure} transition, {State} state) =>");
                code.Line($"    MultiplyAdd(transition.{elements[0].Name}, state, transition.{elements[1].Name});");
            }
            else
            {
                code.Line($"public static {State} Apply({Structure} transition, {State} state) => new(");
                Items(code, Enumerable.Range(0, States).Select(Applied));
            }

            code.Line().Line("/// <summary>The transition where a condition holds, else one that leaves the state as it is.</summary>");
            code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            code.Line($"public {Structure} If(bool condition) => new(");
            Items(code, elements.Select(element => $"Select(condition, {element.Name}, {dialect.Number(element.Row == element.Column ? 1 : 0)})"));
        }
    }

    public void WriteFunction(CodeWriter code, string summary)
    {
        var schedule = Transition.Schedule;
        var expressions = new ExpressionWriter(schedule.Names, dialect);
        code.Line($"/// <summary>{summary}</summary>").Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        code.Line($"private static {Structure} {Function}({List(schedule.Loads.Select(load => $"{Scalar} {schedule.Names[load]}"))})");
        using (code.Body())
        {
            expressions.Values(code, schedule.Values);
            code.Line($"return new {Structure}({List(schedule.Results.Select(result => expressions.Use(result.Value)))});");
        }
    }

    /// <summary>The states as one value, from a local for each.</summary>
    public string Pack(IReadOnlyList<string> locals) => States == 1 ? locals[0] : $"new State({List(locals)})";

    /// <summary>One state of a value of the state type.</summary>
    public string Unpack(string value, int state) => States == 1 ? value : $"{value}.{names.Member(state)}";

    private string Composed(TransitionElement element)
    {
        var terms = Transition.Elements
            .Where(second => second.Row == element.Row && second.Column >= 0)
            .Select(second => (Second: second, First: Transition.Elements.FirstOrDefault(first => first.Row == second.Column && first.Column == element.Column)))
            .Where(pair => pair.First is not null)
            .Select(pair => ($"second.{pair.Second.Name}", $"first.{pair.First!.Name}"));
        return Sum(terms, element.Column < 0 ? $"second.{element.Name}" : null);
    }

    private string Applied(int row) => Sum(
        Transition.Elements.Where(element => element.Row == row && element.Column >= 0)
            .Select(element => ($"transition.{element.Name}", $"state.{names.Member(element.Column)}")),
        "transition." + Transition.Elements.Single(element => element.Row == row && element.Column < 0).Name);

    private static string Sum(IEnumerable<(string Left, string Right)> products, string? addend) =>
        products.Aggregate(addend, (sum, product) => sum is null
            ? $"{product.Left} * {product.Right}"
            : $"MultiplyAdd({product.Left}, {product.Right}, {sum})")!;

    private static void Items(CodeWriter code, IEnumerable<string> items)
    {
        var all = items.ToList();
        for (var i = 0; i < all.Count; i++)
            code.Line($"    {all[i]}{(i + 1 < all.Count ? "," : ");")}");
    }

    private static string Local(string state) => Names.IsKeyword(state) ? "@" + state : state;

    private static string List(IEnumerable<string> items) => string.Join(", ", items);
}
