using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Emission.Cpu.VectorStates;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>
/// Emits a layer's CPU kernels: one body for whole vectors and tails, forward and backward, and the description by which the
/// layer's other parts reach them. Kernels stand in a namespace of their own, where no name of the user's can hide theirs.
/// </summary>
internal static class CpuKernelEmitter
{
    /// <param name="plan">The layer.</param>
    /// <param name="hasDeviceKernels">Whether the layer has kernels for other devices beside these.</param>
    /// <param name="model">The model whose blocks have this layer; null for a layer of its own.</param>
    public static string Emit(LayerPlan plan, bool hasDeviceKernels, ModelSpec? model = null)
    {
        var code = new CodeWriter();
        var kernels = plan.Type.PlainName + "Kernels";
        FileHeader.Write(code, plan);
        TypeShell.Write(code, plan.Type, () =>
        {
            Description(code, plan, kernels, hasDeviceKernels);
            if (model is not null)
                Description(code, model);
        });
        code.Line();
        using (code.Block("namespace MinRnn.Generated"))
        {
            code.Line(
                $"""
                using System.Numerics;
                using System.Runtime.CompilerServices;
                using MinRnn.Kernels;
                using static MinRnn.Kernels.VectorMath;
                using Lanes = System.Numerics.Vector<{Scalar(plan)}>;

                """);
            Formula.Write(code, plan);
            using (code.Block($"file readonly struct {kernels} : {Kind(plan).Contract}<{Scalar(plan)}>"))
            {
                code.Line($"private const int Channels = {Literals.Int(plan.HiddenSize)};").Line();
                if (plan.Cell.IsVector)
                    VectorStateKernels.Write(code, plan);
                else
                    Kernels(code, plan);
            }
        }

        return code.ToString();
    }

    private static void Kernels(CodeWriter code, LayerPlan plan)
    {
        code.Line($"public static ScanShape Shape => {Shape(plan)};");
        code.Line();
        ForwardKernel.Write(code, plan);
        code.Line();
        BackwardKernel.Write(code, plan);
        if (!plan.Kernels.IsTimeParallel)
            return;
        code.Line();
        SummaryKernel.Write(code, plan);
    }

    public static string Scalar(LayerPlan plan) => plan.IsDouble ? "double" : "float";

    /// <summary>Offset of a row of channels within its matrix: the address of its current channel.</summary>
    public static string At(int row) => row switch
    {
        0 => "channel",
        1 => "Channels + channel",
        _ => $"({Literals.Int(row)} * Channels) + channel",
    };

    public static string Width(int rows) => rows == 1 ? "Channels" : $"{Literals.Int(rows)} * Channels";

    public static string Factor(int rows) => rows == 1 ? "Channels" : $"({Width(rows)})";

    /// <summary>The value that a symbol has at the current step and channel.</summary>
    public static string Load(LayerPlan plan, Symbol symbol, string states) => symbol.Kind switch
    {
        SymbolKind.Projection => LoadFrom("preactivations", symbol.Index)
            + (plan.Bias ? " + " + LoadFrom("parameters", symbol.Index) : ""),
        SymbolKind.Weight => LoadFrom("parameters", plan.BiasRows + symbol.Index),
        SymbolKind.Hoisted => HoistedRows.Load(symbol.Index),
        SymbolKind.Input => LoadFrom("inputs", 0),
        SymbolKind.State => LoadFrom(states, symbol.Index),
        SymbolKind.StateGradient => LoadFrom("stateGradient", symbol.Index)
            + (symbol.Index == 0 && plan.Cell.Output is null ? " + " + LoadFrom("outputGradientRow", 0) : ""),
        SymbolKind.Transition => LoadFrom("transition", symbol.Index),
        SymbolKind.Offset => LoadFrom("offset", symbol.Index),
        _ => LoadFrom("outputGradientRow", 0),
    };

    public static string LoadFrom(string matrix, int row) => $"TLanes.Load(ref {matrix}, {At(row)}, lanes)";

    /// <summary>A sum that a value joins, with its sign.</summary>
    public static string Plus(string sum, Expr value, ExpressionWriter expressions)
    {
        var (sign, term) = value.Op == Operators.Negate && !expressions.IsNamed(value) ? ("-", value[0]) : ("+", value);
        return $"{sum} {sign} {expressions.Use(term, Operator.MultiplicativePrecedence)}";
    }

    /// <summary>Opens the method of a kernel.</summary>
    public static IDisposable Kernel(CodeWriter code, LayerPlan plan, string name) => code.Block(
        $"""
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void {name}<TLanes>(in ScanBlock<{Scalar(plan)}> block)
            where TLanes : struct, ILaneAccess<{Scalar(plan)}>
        """);

    /// <summary>The channels that a kernel works on.</summary>
    public static void Range(CodeWriter code) => code.Line(
        """
        nint first = block.FirstChannel, end = block.EndChannel;
        var lanes = block.Lanes;
        """);

    /// <summary>Opens the loop over them.</summary>
    public static IDisposable Channels(CodeWriter code) => code.Block("for (var channel = first; channel < end; channel += Lanes.Count)");

    private static void Description(CodeWriter code, LayerPlan plan, string kernels, bool hasDeviceKernels)
    {
        code.Line(
            $"""
            /// <summary>What the declaration says, with the kernels.</summary>
            internal static global::MinRnn.Kernels.LayerDescription Description => new(
                Name: {Literals.String(plan.Type.PlainName)},
                InputSize: {Literals.Int(plan.InputSize)},
                Direction: global::MinRnn.Direction.{plan.Direction},
                Projections: [{string.Join(", ", plan.Cell.Projections.Select(Projection))}],
                Weights: [{string.Join(", ", plan.Cell.Weights.Select(Weight))}],
                Kernels: new global::MinRnn.Kernels.{Kind(plan).Driver}<global::MinRnn.Generated.{kernels}, {Scalar(plan)}>(),
                Device: {(hasDeviceKernels ? "DeviceKernels" : "null")}{(plan.Shared > 0 ? $",\n    Shared: [{string.Join(", ", plan.Cell.Shared.Select(Projection))}]" : "")})
            """);
        code.Line("{");
        code.Line($"    Cell = new({Literals.String(plan.Cell.Name)}, {Literals.String(GraphPrinter.Fingerprint(plan.Cell))}),");
        if (!plan.Kernels.Affinity.Holds)
            code.Line("    IsAffine = false,");
        code.Line("};");
    }

    private static void Description(CodeWriter code, ModelSpec model) => code.Line().Line(
        $"""
        /// <summary>The network around the layer.</summary>
        internal static global::MinRnn.Kernels.SequenceDescription ModelDescription => new(
            Name: {Literals.String(model.Type.PlainName)},
            VocabularySize: {Literals.Int(model.VocabularySize)},
            Width: {Literals.Int(model.Width)},
            Layers: {Literals.Int(model.Layers)},
            ConvolutionWidth: {Literals.Int(model.ConvolutionWidth)},
            MlpRatio: {Literals.Int(model.MlpRatio)},
            Dropout: {Literals.Double(model.Dropout)},
            Layer: Description){(model.Normalization == Normalization.Rms ? "" : $" {{ Normalization = global::MinRnn.Normalization.{model.Normalization} }}")};
        """);

    /// <summary>What the structure of kernels implements, and the class that runs them over a batch.</summary>
    private static (string Contract, string Driver) Kind(LayerPlan plan) => (plan.Cell.IsVector, plan.Kernels.IsTimeParallel) switch
    {
        (false, false) => ("IScanKernels", "CpuScanKernels"),
        (false, true) => ("ITimeParallelKernels", "TimeParallelScanKernels"),
        (true, false) => ("IVectorStateKernels", "VectorStateScanKernels"),
        (true, true) => ("ITimeParallelVectorStateKernels", "TimeParallelVectorStateScanKernels"),
    };

    private static string Projection(CellParameter projection) => New(
        Literals.String(projection.Name),
        projection.Initial is double initial ? Literals.Float(initial) : null,
        projection.Rank > 0 ? "Rank: " + Literals.Int(projection.Rank) : null,
        projection.InitializeWith is string method ? "InitializeBias: global::" + method : null);

    private static string Weight(CellParameter weight) => New(
        Literals.String(weight.Name),
        Literals.Float(weight.Initial ?? 0),
        weight.InitializeWith is string method ? "global::" + method : null,
        weight.Symbol.IsIndexed ? "IsPerState: true" : null);

    private static string New(params string?[] arguments) => $"new({string.Join(", ", arguments.Where(argument => argument is not null))})";

    /// <summary>The construction of a layer's <c>ScanShape</c>.</summary>
    public static string Shape(LayerPlan plan)
    {
        var initial = string.Join(", ", plan.Cell.States.Select(state => Literals.Double(state.Initial ?? 0)));
        if (plan.Cell.IsVector)
            initial = string.Join(", ", plan.Cell.States.Select(state => $".. System.Linq.Enumerable.Repeat({Literals.Double(state.Initial ?? 0)}, StateSize)"));
        var vector = !plan.Cell.IsVector ? "" :
            $"""
            ,
                StateSize: StateSize,
                Shared: {Literals.Int(plan.Shared)},
                CheckpointSteps: {Literals.Int(plan.Kernels.CheckpointSteps)}
            """;
        return
            $"""
            new ScanShape(
                Channels,
                Projections: {Literals.Int(plan.Projections)},
                Weights: {Literals.Int(plan.Weights)},
                States: {Literals.Int(plan.States)},
                HasBias: {Literals.Bool(plan.Bias && plan.Projections + plan.Shared > 0)},
                HasInput: {Literals.Bool(plan.Cell.HasInput)},
                KeepsStates: {Literals.Bool(plan.Cell.KeepsStates)},
                InitialStates: [{initial}]{vector})
            """;
    }
}
