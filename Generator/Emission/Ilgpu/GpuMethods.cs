using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The public methods of <c>Gpu</c>: checks, then launches. Each takes floats, or elements of any type that has kernels.</summary>
internal static class GpuMethods
{
    /// <summary>A view that a method takes.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Check">Which check it passes.</param>
    /// <param name="Rows">Channels' rows to an item.</param>
    /// <param name="Doc">What it holds.</param>
    /// <param name="Field">The kernels' argument that it is; null for weights and their gradients.</param>
    private sealed record Argument(string Name, string Check, int Rows, string Doc, string? Field);

    public static void Forward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B, T", 1, plan)}, written.", "Output"));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", "StepsOrEmpty", plan.States, $"{States("B, T", plan)}, written; empty when no backward follows.", "States"));
        arguments.Add(new Argument("finalState", "RowsOrEmpty", plan.States, $"{States("B", plan)}, written, or empty.", "FinalState"));
        Write(
            code, plan, "Forward", "Runs the recurrence over all time steps. With no step, the state passes through.", arguments, hasTime: true,
            "Forward", $", {Weights(plan, names)}");
    }

    public static void Step(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).Where(argument => argument.Name != "initialState").ToList();
        arguments.Add(new Argument("state", "RowsOrEmpty", plan.States, $"{States("B", plan)}, read and written; empty for the cell's constants, and not kept.", "InitialState"));
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B", 1, plan)}, written.", "Output"));
        Write(code, plan, "Step", "Runs one time step.", arguments, hasTime: false, "Forward", $", {Weights(plan, names)}", "FinalState = state,");
    }

    public static void Backward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", 1, $"{Shape("B, T", 1, plan)}, as forward wrote it.", "Output"));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", "Steps", plan.States, $"{States("B, T", plan)}, as forward wrote them.", "States"));
        arguments.Add(new Argument("outputGradient", "StepsOrEmpty", 1, $"{Shape("B, T", 1, plan)}, or empty.", "OutputGradient"));
        arguments.Add(new Argument("finalStateGradient", "RowsOrEmpty", plan.States, $"{States("B", plan)}, or empty.", "FinalStateGradient"));
        arguments.Add(new Argument(
            "preactivationGradient", "StepsOrEmpty", plan.Projections, $"{Shape("B, T", plan.Projections, plan)}, written, or empty.", "PreactivationGradient"));
        foreach (var weight in plan.Cell.Weights)
            arguments.Add(new Argument(names.Gradient(weight.Symbol), "WeightsOrEmpty", 1, $"[{Literals.Int(plan.HiddenSize)}], written, or empty.", null));
        if (plan.Cell.HasInput)
            arguments.Add(new Argument("inputGradient", "StepsOrEmpty", 1, $"{Shape("B, T", 1, plan)}, written, or empty.", "InputGradient"));
        arguments.Add(new Argument("initialStateGradient", "RowsOrEmpty", plan.States, $"{States("B", plan)}, written, or empty.", "InitialStateGradient"));
        var gradients = string.Join(", ", plan.Cell.Weights.Select(weight => names.Gradient(weight.Symbol)));
        Write(
            code, plan, "Backward",
            "Runs the adjoint of the recurrence, last step first. Results are written, not added to, and are the same bits at every run.",
            arguments, hasTime: true, "Backward", $", {Weights(plan, names)}, [{gradients}]");
    }

    private static void Write(
        CodeWriter code, LayerPlan plan, string name, string summary, List<Argument> arguments, bool hasTime, string method, string weights, string? extra = null)
    {
        var real = KernelText.Scalar(plan);
        Head(code, summary, arguments, hasTime);
        if (plan.IsDouble)
        {
            Parameters(code, name, real, arguments, hasTime);
        }
        else
        {
            Parameters(code, name, real, arguments, hasTime);
            var passed = string.Join(", ", arguments.Select(argument => argument.Name));
            code.Line($"    => {name}<{real}>(stream, {passed}, batch{(hasTime ? ", time" : "")});").Line();
            var types = string.Join(", ", arguments.Select(argument => $"global::ILGPU.ArrayView{{{real}}}"));
            code.Line($"/// <inheritdoc cref=\"{name}(global::ILGPU.Runtime.AcceleratorStream, {types}, long{(hasTime ? ", long" : "")})\"/>");
            code.Line("/// <typeparam name=\"T\">float, ILGPU.Half or MinRnn.Ilgpu.BFloat16.</typeparam>");
            code.Line("/// <exception cref=\"global::System.NotSupportedException\">T is another type.</exception>");
            Parameters(code, name + "<T>", "T", arguments, hasTime);
            code.Line("    where T : unmanaged");
        }

        using (code.Body())
        {
            code.Line($"var sizes = scan.Enter(stream, batch, {(hasTime ? "time" : "1")});");
            foreach (var argument in arguments)
                code.Line($"sizes.{argument.Check}({argument.Name}, {Literals.Int((long)argument.Rows * plan.HiddenSize)}, nameof({argument.Name}));");
            var element = plan.IsDouble ? real : "T";
            code.Line($"var arguments = new global::MinRnn.Ilgpu.Kernels.{method}Arguments<global::ILGPU.ArrayView<{element}>, global::ILGPU.ArrayView<{real}>>");
            code.Line("{");
            foreach (var argument in arguments.Where(argument => argument.Field is not null))
                code.Line($"    {argument.Field} = {argument.Name},");
            if (extra is not null)
                code.Line("    " + extra);
            var direction = plan.Direction switch
            {
                Declarations.Direction.Forward => "1",
                Declarations.Direction.Reverse => "-1",
                _ => "direction",
            };
            code.Line($"    Window = sizes.Window({direction}),");
            code.Line("};");
            code.Line($"scan.{method}(stream, arguments{weights});");
        }
    }

    private static IEnumerable<Argument> Inputs(LayerPlan plan, KernelNames names)
    {
        yield return new Argument("preactivations", "Steps", plan.Projections, $"{Shape("B, T", plan.Projections, plan)}, bias added.", "Preactivations");
        foreach (var weight in plan.Cell.Weights)
            yield return new Argument(names.Weight(weight), "Weights", 1, $"[{Literals.Int(plan.HiddenSize)}].", null);
        if (plan.Cell.HasInput)
            yield return new Argument("input", "Steps", 1, $"{Shape("B, T", 1, plan)}, the layer's own input.", "Input");
        yield return new Argument("initialState", "RowsOrEmpty", plan.States, $"{States("B", plan)}; empty for the cell's constants.", "InitialState");
    }

    private static void Head(CodeWriter code, string summary, List<Argument> arguments, bool hasTime)
    {
        code.Line($"/// <summary>{summary}</summary>").Line("/// <param name=\"stream\">A stream of the accelerator.</param>");
        foreach (var argument in arguments)
            code.Line($"/// <param name=\"{argument.Name}\">{(hasTime ? argument.Doc : argument.Doc.Replace("[B, T, ", "[B, "))}</param>");
        code.Line("/// <param name=\"batch\">Rows of the batch, B.</param>");
        if (hasTime)
            code.Line("/// <param name=\"time\">Time steps, T.</param>");
        code.Line("/// <exception cref=\"global::System.ArgumentException\">A view has another length, a size is negative, or the stream is another accelerator's.</exception>");
    }

    private static void Parameters(CodeWriter code, string name, string element, List<Argument> arguments, bool hasTime)
    {
        var parameters = new List<string> { "global::ILGPU.Runtime.AcceleratorStream stream" };
        parameters.AddRange(arguments.Select(argument => $"global::ILGPU.ArrayView<{element}> {argument.Name}"));
        parameters.Add("long batch");
        if (hasTime)
            parameters.Add("long time");
        code.Line($"public void {name}(\n    {string.Join(",\n    ", parameters)})");
    }

    private static string Weights(LayerPlan plan, KernelNames names) => $"[{string.Join(", ", plan.Cell.Weights.Select(names.Weight))}]";

    private static string Shape(string leading, int rows, LayerPlan plan) => $"[{leading}, {Literals.Int((long)rows * plan.HiddenSize)}]";

    private static string States(string leading, LayerPlan plan) => plan.States == 1
        ? Shape(leading, 1, plan)
        : $"[{leading}, {Literals.Int(plan.States)}, {Literals.Int(plan.HiddenSize)}]";
}
