using System.Globalization;
using System.Text;
using MinRnn.Bench.Measuring;
using MinRnn.Bench.Report;
using MinRnn.Kernels;
using static TorchSharp.torch;

namespace MinRnn.Bench.Deployment;

/// <summary>Measures inference without TorchSharp against the module, against reading the weights, and a native program's start.</summary>
internal static class InferenceCommand
{
    public const string Name = "inference";

    public const string Usage = "inference [PROGRAM MODEL] [--output DIR]";

    private const int Pairs = 31;
    private const int Batch = 64;
    private const int StepsOfCall = 8;
    private const double Seconds = 8;

    public static int Run(ReadOnlySpan<string> arguments)
    {
        string[] places = arguments is [not "--output", not "--output", ..] ? [arguments[0], arguments[1]] : [];
        var options = ReportOptions.Parse(arguments[places.Length..]);
        var outside = new OutsideWork();
        var timer = new PairedTimer(Pairs, TimeSpan.FromMinutes(4));
        List<ReportTable> tables = [Tokens(timer)];
        if (places is [var program, var model])
            tables.Add(Start(new NativeProgram(program, model)));
        tables.ForEach(table => table.Print());
        Write(options.Output, tables, outside.Share);
        return 0;
    }

    private static ReportTable Tokens(PairedTimer timer)
    {
        using var models = new DeployedModels();

        // Where a model is deployed, there are no threads of libtorch to share.
        Workers.Team = null;
        var table = new ReportTable("Tokens", "work", "against", "ours ms", "its ms", "ratio", "tokens a second", "pairs", "aim");
        table.Note($"`PaperModel`: LogMinGru, width 384, expansion 2, three blocks with convolution and MLP, {models.Module.ParameterCount:#,0} parameters, "
            + $"{models.BytesOfToken / 1e6:0.0} MB of weights a token. Libtorch steps on {get_num_threads()} threads.");
        table.Note(string.Create(CultureInfo.InvariantCulture,
            $"Largest distance of logits from the module's over 256 tokens, relative to the largest: {models.Error(models.Single):0.0e0}; "
            + $"with weights of 8 bits {models.Error(models.Int8):0.0e0}, and each matrix is off by at most "
            + $"{models.Int8.QuantizationLosses.Max(loss => loss.RelativeError):0.0000} of its norm."));
        var (one, int8, many, manyInt8) = (new Streams(models.Single, 1), new Streams(models.Int8, 1), new Streams(models.Single, Batch), new Streams(models.Int8, Batch));
        table.Note(string.Create(CultureInfo.InvariantCulture,
            $"Bytes allocated a step: {one.Allocated():0.##} of one stream, {many.Allocated():0.##} of {Batch}."));
        using var moduleOne = new ModuleStreams(models.Module, 1);
        using var moduleMany = new ModuleStreams(models.Module, Batch);
        using var read = new MemoryRead(models.BytesOfToken);
        Row("one stream", one, 1, "reading as many bytes", read.Run, "≥ 0.5x");
        Row("one stream, 8 bits", int8, 1, "one stream", one.Step, "");
        Row($"{Batch} streams, a token of each", many, Batch, $"{Batch} steps of one stream", () => Repeat(one.Step, Batch), "≥ 8x");
        Row($"{Batch} streams, 8 bits", manyInt8, Batch, $"{Batch} streams", many.Step, "");
        Apart("one stream", one, 1, moduleOne.Step, "≥ 4x");
        Apart($"{Batch} streams, a token of each", many, Batch, moduleMany.Step, "");
        return table;

        void Row(string work, Streams ours, int batch, string peer, Action its, string aim)
        {
            Console.Error.WriteLine($"{work} against {peer}");
            var times = timer.Compare(() => Repeat(ours.Step, StepsOfCall), () => Repeat(its, StepsOfCall), Seconds);
            Add(work, peer, batch, times.Ours, times.Peer, ReportTable.Number(times.Speedup), times.Pairs, aim);
        }

        // Libtorch's threads go on spinning for a while after each operation, on the cores that ours would run on.
        void Apart(string work, Streams ours, int batch, Action module, string aim)
        {
            Console.Error.WriteLine($"{work} apart from the module");
            Thread.Sleep(TimeSpan.FromSeconds(1));
            var our = timer.Measure(() => Repeat(ours.Step, StepsOfCall), Seconds);
            var its = timer.Measure(() => Repeat(module, StepsOfCall), Seconds);
            Add(work, "the module's step, one after the other", batch, our, its, $"{ReportTable.Digits(its.Median / our.Median)}x", Pairs, aim);
        }

        void Add(string work, string peer, int batch, Spread our, Spread its, string ratio, int pairs, string aim) => table.Add(
            work, peer, ReportTable.Milliseconds(our.Scale(1.0 / StepsOfCall)), ReportTable.Milliseconds(its.Scale(1.0 / StepsOfCall)),
            ratio, ReportTable.Digits(batch * StepsOfCall / our.Median), pairs.ToString(CultureInfo.InvariantCulture), aim);
    }

    private static ReportTable Start(NativeProgram program)
    {
        Console.Error.WriteLine("start of the native program");
        var table = new ReportTable("Native program", "measure", "value", "aim");
        table.Note($"Samples/Deployment published with Native AOT, on a model file of {program.ModelBytes / 1e6:0.0} MB.");
        table.Add("size", string.Create(CultureInfo.InvariantCulture, $"{program.Bytes / 1e6:0.00} MB"), "≤ 6 MB");
        table.Add("start to first character, ms", ReportTable.Milliseconds(program.Start()), "< 50");
        return table;
    }

    private static void Repeat(Action call, int times)
    {
        for (var i = 0; i < times; i++)
            call();
    }

    private static void Write(string folder, List<ReportTable> tables, double? share)
    {
        var machine = Machine.Current;
        var text = new StringBuilder($"# Inference on {machine.Processor}, {machine.Cores} cores\n\n");
        foreach (var (name, value) in machine.Facts)
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        if (share is { } taken)
            text.Append(CultureInfo.InvariantCulture, $"- Other work meanwhile: {100 * taken:0} % of the processor\n");
        text.Append("\nMedians with quartiles in brackets; a ratio is the peer's time over ours, the median of pairs timed in turn.\n\n");
        tables.ForEach(table => table.WriteTo(text));
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, machine.FileName + "-inference.md");
        File.WriteAllText(path, text.ToString().ReplaceLineEndings("\n"));
        Console.WriteLine($"Written: {path}");
    }
}
