using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The public methods of <c>Gpu</c>: checks, then launches. Each takes floats, or elements of any type that has kernels.</summary>
internal static class GpuMethods
{
    /// <summary>A view that a method takes.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Check">Which check it passes.</param>
    /// <param name="Width">Elements of an item.</param>
    /// <param name="Doc">What it holds.</param>
    /// <param name="Field">The kernels' argument that it is; null for weights and their gradients.</param>
    private sealed record Argument(string Name, string Check, long Width, string Doc, string? Field);

    public static void Forward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", plan.HiddenSize, $"{Shape("B, T", 1, plan)}, written.", "Output"));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", KeptCheck(plan) + "OrEmpty", StateWidth(plan), $"{States(plan.Cell.IsVector ? "C" : "B, T", plan)}, written; empty when no backward follows.", "States"));
        arguments.Add(new Argument("finalState", "RowsOrEmpty", StateWidth(plan), $"{States("B", plan)}, written, or empty.", "FinalState"));
        Write(
            code, plan, "Forward", "Runs the recurrence over all time steps. With no step, the state passes through.", arguments, hasTime: true,
            "Forward", $", {Weights(plan, names)}");
    }

    public static void Step(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).Where(argument => argument.Name != "initialState").ToList();
        arguments.Add(new Argument("state", "RowsOrEmpty", StateWidth(plan), $"{States("B", plan)}, read and written; empty for the cell's constants, and not kept.", "InitialState"));
        arguments.Add(new Argument("output", "Steps", plan.HiddenSize, $"{Shape("B", 1, plan)}, written.", "Output"));
        Write(code, plan, "Step", "Runs one time step.", arguments, hasTime: false, "Forward", $", {Weights(plan, names)}", "FinalState = state,");
    }

    public static void Backward(CodeWriter code, LayerPlan plan)
    {
        var names = new KernelNames();
        var arguments = Inputs(plan, names).ToList();
        arguments.Add(new Argument("output", "Steps", plan.HiddenSize, $"{Shape("B, T", 1, plan)}, as forward wrote it.", "Output"));
        if (plan.Cell.KeepsStates)
            arguments.Add(new Argument("states", KeptCheck(plan), StateWidth(plan), $"{States(plan.Cell.IsVector ? "C" : "B, T", plan)}, as forward wrote them.", "States"));
        arguments.Add(new Argument("outputGradient", "StepsOrEmpty", plan.HiddenSize, $"{Shape("B, T", 1, plan)}, or empty.", "OutputGradient"));
        arguments.Add(new Argument("finalStateGradient", "RowsOrEmpty", StateWidth(plan), $"{States("B", plan)}, or empty.", "FinalStateGradient"));
        arguments.Add(new Argument(
            "preactivationGradient", "StepsOrEmpty", plan.PreactivationWidth, $"[B, T, {Literals.Int(plan.PreactivationWidth)}], written, or empty.", "PreactivationGradient"));
        foreach (var weight in plan.Cell.Weights)
            arguments.Add(new Argument(names.Gradient(weight.Symbol), "WeightsOrEmpty", WeightWidth(plan, weight), $"{Weight(plan, weight)}, written, or empty.", null));
        if (plan.Cell.HasInput)
            arguments.Add(new Argument("inputGradient", "StepsOrEmpty", plan.HiddenSize, $"{Shape("B, T", 1, plan)}, written, or empty.", "InputGradient"));
        arguments.Add(new Argument("initialStateGradient", "RowsOrEmpty", StateWidth(plan), $"{States("B", plan)}, written, or empty.", "InitialStateGradient"));
        var gradients = string.Join(", ", plan.Cell.Weights.Select(weight => names.Gradient(weight.Symbol)));
        Write(
            code, plan, "Backward",
            "Runs the adjoint of the recurrence, last step first. Results are written, not added to, and are the same bits at every run.",
            arguments, hasTime: true, "Backward", $", {Weights(plan, names)}, [{gradients}]");
    }

    private static void Write(
        CodeWriter code, LayerPlan plan, string name, string summary, List<Argument> arguments, bool hasTime, string method, string weights, string? extra = null)
    {
        if (!hasTime)
        {
            Public(code, plan, name, Sized.Batch, summary, arguments);
            using (code.Body())
            {
                code.Line($"var sizes = {Sized.Batch.Enter};");
                Body(code, plan, arguments, method, weights, extra);
            }

            return;
        }

        var passed = string.Join(", ", arguments.Select(argument => argument.Name));
        foreach (var sized in new[] { Sized.BatchAndTime, Sized.Sequences })
        {
            Public(code, plan, name, sized, sized == Sized.Sequences ? summary.Replace("over all time steps", "over sequences") : summary, arguments);
            code.Line($"    => {name}(stream, {passed}, {sized.Enter});").Line();
        }

        Parameters(code, "private", name + (plan.IsDouble ? "" : "<T>"), Element(plan), arguments, Sized.Checked);
        if (!plan.IsDouble)
            code.Line("    where T : unmanaged");
        using (code.Body())
            Body(code, plan, arguments, method, weights, extra);
    }

    /// <summary>The head of a public method for elements of any type, after the method for floats that calls it.</summary>
    private static void Public(CodeWriter code, LayerPlan plan, string name, Sized sized, string summary, List<Argument> arguments)
    {
        var real = KernelText.Scalar(plan);
        Head(code, summary, arguments, sized);
        Parameters(code, "public", name, real, arguments, sized);
        if (plan.IsDouble)
            return;
        var passed = string.Join(", ", arguments.Select(argument => argument.Name).Concat(sized.Parameters.Select(parameter => parameter.Name)));
        code.Line($"    => {name}<{real}>(stream, {passed});").Line();
        var types = arguments.Select(_ => $"global::ILGPU.ArrayView{{{real}}}").Concat(sized.Parameters.Select(parameter => parameter.Type));
        code.Line($"/// <inheritdoc cref=\"{name}(global::ILGPU.Runtime.AcceleratorStream, {string.Join(", ", types)})\"/>");
        code.Line("/// <typeparam name=\"T\">float, ILGPU.Half or MinRnn.Ilgpu.BFloat16.</typeparam>");
        code.Line("/// <exception cref=\"global::System.NotSupportedException\">T is another type.</exception>");
        Parameters(code, "public", name + "<T>", "T", arguments, sized);
        code.Line("    where T : unmanaged");
    }

    /// <summary>Checks, then launches.</summary>
    private static void Body(CodeWriter code, LayerPlan plan, List<Argument> arguments, string method, string weights, string? extra)
    {
        foreach (var argument in arguments)
            code.Line($"sizes.{argument.Check}({argument.Name}, {Literals.Int(argument.Width)}, nameof({argument.Name}));");
        code.Line($"var arguments = new global::MinRnn.Ilgpu.Kernels.{method}Arguments<global::ILGPU.ArrayView<{Element(plan)}>, global::ILGPU.ArrayView<{KernelText.Scalar(plan)}>>");
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
        code.Line($"scan.{method}(stream, arguments{weights}, sizes.Sequences);");
    }

    private static string Element(LayerPlan plan) => plan.IsDouble ? KernelText.Scalar(plan) : "T";

    private static IEnumerable<Argument> Inputs(LayerPlan plan, KernelNames names)
    {
        yield return new Argument("preactivations", "Steps", plan.PreactivationWidth, $"[B, T, {Literals.Int(plan.PreactivationWidth)}], bias added.", "Preactivations");
        foreach (var weight in plan.Cell.Weights)
            yield return new Argument(names.Weight(weight), "Weights", WeightWidth(plan, weight), $"{Weight(plan, weight)}.", null);
        if (plan.Cell.HasInput)
            yield return new Argument("input", "Steps", plan.HiddenSize, $"{Shape("B, T", 1, plan)}, the layer's own input.", "Input");
        yield return new Argument("initialState", "RowsOrEmpty", StateWidth(plan), $"{States("B", plan)}; empty for the cell's constants.", "InitialState");
    }

    private static void Head(CodeWriter code, string summary, List<Argument> arguments, Sized sized)
    {
        code.Line($"/// <summary>{summary}</summary>").Line("/// <param name=\"stream\">A stream of the accelerator.</param>");
        foreach (var argument in arguments)
            code.Line($"/// <param name=\"{argument.Name}\">{argument.Doc.Replace("[B, T, ", sized.Steps).Replace("[B, ", sized.Rows)}</param>");
        foreach (var parameter in sized.Parameters)
            code.Line($"/// <param name=\"{parameter.Name}\">{parameter.Doc}</param>");
        code.Line($"/// <exception cref=\"global::System.ArgumentException\">A view has another length or lies in another accelerator's memory, {(sized == Sized.Sequences ? "" : "a size is negative, ")}or the stream is another accelerator's.</exception>");
    }

    private static void Parameters(CodeWriter code, string access, string name, string element, List<Argument> arguments, Sized sized)
    {
        var parameters = new List<string> { "global::ILGPU.Runtime.AcceleratorStream stream" };
        parameters.AddRange(arguments.Select(argument => $"global::ILGPU.ArrayView<{element}> {argument.Name}"));
        parameters.AddRange(sized.Parameters.Select(parameter => $"{parameter.Type} {parameter.Name}"));
        code.Line($"{access} void {name}(\n    {string.Join(",\n    ", parameters)})");
    }

    /// <summary>How a method is told the sizes of its views.</summary>
    /// <param name="Enter">The checked sizes.</param>
    /// <param name="Steps">The dimensions of time in shapes.</param>
    /// <param name="Rows">The dimensions of states.</param>
    /// <param name="Parameters">The parameters behind the views.</param>
    private sealed record Sized(string Enter, string Steps, string Rows, params (string Type, string Name, string Doc)[] Parameters)
    {
        private static readonly (string, string, string) Count = ("long", "batch", "Rows of the batch, B.");

        public static readonly Sized Batch = new("scan.Enter(stream, batch, 1)", "[B, ", "[B, ", Count);

        public static readonly Sized BatchAndTime = new("scan.Enter(stream, batch, time)", "[B, T, ", "[B, ", Count, ("long", "time", "Time steps, T."));

        public static readonly Sized Sequences = new(
            "scan.Enter(stream, sequences)", "[rows, ", "[N, ",
            ("global::MinRnn.Kernels.ScanSequences", "sequences", "Where N sequences lie among the rows; padding is never read, and zero in results. The first of several calls with them copies a table, and waits for the stream."));

        public static readonly Sized Checked = new("sizes", "", "", ("global::MinRnn.Ilgpu.ScanSizes", "sizes", ""));
    }

    private static string Weights(LayerPlan plan, KernelNames names) => $"[{string.Join(", ", plan.Cell.Weights.Select(names.Weight))}]";

    private static long StateWidth(LayerPlan plan) => (long)plan.States * plan.HiddenSize;

    private static long WeightWidth(LayerPlan plan, CellParameter weight) => (long)plan.RowsOf(weight) * plan.HiddenSize;

    private static string Weight(LayerPlan plan, CellParameter weight) =>
        weight.Symbol.IsIndexed ? $"[{Literals.Int(plan.StateSize)}, {Literals.Int(plan.HiddenSize)}]" : $"[{Literals.Int(plan.HiddenSize)}]";

    /// <summary>Kept states are those of every step, or where they are vectors those before some steps.</summary>
    private static string KeptCheck(LayerPlan plan) => plan.Cell.IsVector ? "Kept" : "Steps";

    private static string Shape(string leading, int rows, LayerPlan plan) => $"[{leading}, {Literals.Int((long)rows * plan.HiddenSize)}]";

    private static string States(string leading, LayerPlan plan) => plan.States == 1
        ? Shape(leading, 1, plan)
        : $"[{leading}, {Literals.Int(plan.States)}, {Literals.Int(plan.HiddenSize)}]";
}
