using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The public methods of <c>Gpu</c>: checks, then launches.</summary>
internal static class GpuMethods
{
    /// <summary>A view that a method takes.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Check">Which check it passes.</param>
    /// <param name="Rows">Channels' rows to an item.</param>
    /// <param name="Doc">What it holds.</param>
    private sealed record Argument(string Name, string Check, int Rows, string Doc);

    public static void Forward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B, T", 1, plan)}, written."));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", "StepsOrEmpty", plan.States, $"{States("B, T", plan)}, written; empty when no backward follows."));
        arguments.Add(new Argument("finalState", "RowsOrEmpty", plan.States, $"{States("B", plan)}, written, or empty."));
        Head(code, plan, "Forward", "Runs the recurrence over all time steps. With no step, the state passes through.", arguments, hasTime: true);
        using (code.Body())
        {
            Checks(code, plan, arguments, "batch, time");
            code.Line("if (batch > 0)");
            code.Line($"    LoadForward()(stream, launcher.Threads(batch), {List(arguments)}, batch, time{Direction(plan)});");
        }
    }

    public static void Step(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).Where(argument => argument.Name != "initialState").ToList();
        arguments.Add(new Argument("state", "RowsOrEmpty", plan.States, $"{States("B", plan)}, read and written; empty for the cell's constants, and not kept."));
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B", 1, plan)}, written."));
        Head(code, plan, "Step", "Runs one time step.", arguments, hasTime: false);
        using (code.Body())
        {
            Checks(code, plan, arguments, "batch, 1");
            var passed = arguments.Select(argument => argument.Name).Concat(plan.Cell.KeepsStates ? ["default", "state"] : ["state"]);
            code.Line("if (batch > 0)");
            code.Line($"    LoadForward()(stream, launcher.Threads(batch), {string.Join(", ", passed)}, batch, 1);");
        }
    }

    public static void Backward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B, T", 1, plan)}, as forward wrote it."));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", "Steps", plan.States, $"{States("B, T", plan)}, as forward wrote them."));
        arguments.Add(new Argument("outputGradient", "StepsOrEmpty", 1, $"{Shape("B, T", 1, plan)}, or empty."));
        arguments.Add(new Argument("finalStateGradient", "RowsOrEmpty", plan.States, $"{States("B", plan)}, or empty."));
        arguments.Add(new Argument("preactivationGradient", "StepsOrEmpty", plan.Projections, $"{Shape("B, T", plan.Projections, plan)}, written, or empty."));
        foreach (var weight in plan.Cell.Weights)
            arguments.Add(new Argument(names.Gradient(weight.Symbol), "WeightsOrEmpty", 1, $"[{Literals.Int(plan.HiddenSize)}], written, or empty."));
        if (plan.Cell.HasInput)
            arguments.Add(new Argument("inputGradient", "StepsOrEmpty", 1, $"{Shape("B, T", 1, plan)}, written, or empty."));
        arguments.Add(new Argument("initialStateGradient", "RowsOrEmpty", plan.States, $"{States("B", plan)}, written, or empty."));
        Head(
            code, plan, "Backward",
            "Runs the adjoint of the recurrence, last step first. Results are written, not added to, and are the same bits at every run.",
            arguments, hasTime: true);
        using (code.Body())
        {
            Checks(code, plan, arguments, "batch, time");
            code.Line("var gradients = launcher.OrZeros(stream, outputGradient, out var gradientStride);");
            if (plan.Weights == 0)
            {
                code.Line("if (batch > 0)");
                Launch(code, plan, names);
                return;
            }

            using (code.Block("lock (launcher.Gate)"))
            {
                var weights = plan.Cell.Weights.ToList();
                for (var i = 0; i < weights.Count; i++)
                    code.Line($"var {names.Partials(weights[i])} = launcher.Partials(stream, {names.Gradient(weights[i].Symbol)}, {Literals.Int(i)}, {Literals.Int(weights.Count)}, batch);");
                code.Line("if (batch > 0)");
                Launch(code, plan, names);
                foreach (var weight in weights)
                    code.Line($"launcher.Sum(stream, {names.Partials(weight)}, {names.Gradient(weight.Symbol)}, batch);");
            }
        }
    }

    private static void Launch(CodeWriter code, LayerPlan plan, KernelNames names)
    {
        var views = new List<string> { "preactivations" };
        views.AddRange(plan.Cell.Weights.Select(names.Weight));
        if (plan.Cell.HasInput)
            views.Add("input");
        views.AddRange(["initialState", plan.Cell.KeepsStates ? "states" : "output", "gradients", "finalStateGradient", "preactivationGradient"]);
        views.AddRange(plan.Cell.Weights.Select(names.Partials));
        if (plan.Cell.HasInput)
            views.Add("inputGradient");
        views.Add("initialStateGradient");
        code.Line($"    LoadBackward()(\n        stream, launcher.Threads(batch), {string.Join(", ", views)},\n        gradientStride, batch, time{Direction(plan)});");
    }

    private static IEnumerable<Argument> Inputs(LayerPlan plan, KernelNames names)
    {
        yield return new Argument("preactivations", "Steps", plan.Projections, $"{Shape("B, T", plan.Projections, plan)}, bias added.");
        foreach (var weight in plan.Cell.Weights)
            yield return new Argument(names.Weight(weight), "Weights", 1, $"[{Literals.Int(plan.HiddenSize)}].");
        if (plan.Cell.HasInput)
            yield return new Argument("input", "Steps", 1, $"{Shape("B, T", 1, plan)}, the layer's own input.");
        yield return new Argument("initialState", "RowsOrEmpty", plan.States, $"{States("B", plan)}; empty for the cell's constants.");
    }

    private static void Head(CodeWriter code, LayerPlan plan, string name, string summary, List<Argument> arguments, bool hasTime)
    {
        code.Line($"/// <summary>{summary}</summary>").Line("/// <param name=\"stream\">A stream of the accelerator.</param>");
        foreach (var argument in arguments)
            code.Line($"/// <param name=\"{argument.Name}\">{(hasTime ? argument.Doc : argument.Doc.Replace("[B, T, ", "[B, "))}</param>");
        code.Line("/// <param name=\"batch\">Rows of the batch, B.</param>");
        if (hasTime)
            code.Line("/// <param name=\"time\">Time steps, T.</param>");
        code.Line("/// <exception cref=\"global::System.ArgumentException\">A view has another length, a size is negative, or the stream is another accelerator's.</exception>");
        var parameters = new List<string> { "global::ILGPU.Runtime.AcceleratorStream stream" };
        parameters.AddRange(arguments.Select(argument => $"{GpuClass.View(plan)} {argument.Name}"));
        parameters.Add("long batch");
        if (hasTime)
            parameters.Add("long time");
        code.Line($"public void {name}(\n    {string.Join(",\n    ", parameters)})");
    }

    private static void Checks(CodeWriter code, LayerPlan plan, List<Argument> arguments, string sizes)
    {
        code.Line($"var sizes = launcher.Enter(stream, {sizes});");
        foreach (var argument in arguments)
            code.Line($"sizes.{argument.Check}({argument.Name}, {Literals.Int((long)argument.Rows * plan.HiddenSize)}, nameof({argument.Name}));");
    }

    private static string List(IEnumerable<Argument> arguments) => string.Join(", ", arguments.Select(argument => argument.Name));

    private static string Direction(LayerPlan plan) => plan.Direction == Declarations.Direction.Bidirectional ? ", direction" : "";

    private static string Shape(string leading, int rows, LayerPlan plan) => $"[{leading}, {Literals.Int((long)rows * plan.HiddenSize)}]";

    private static string States(string leading, LayerPlan plan) => plan.States == 1
        ? Shape(leading, 1, plan)
        : $"[{leading}, {Literals.Int(plan.States)}, {Literals.Int(plan.HiddenSize)}]";
}
