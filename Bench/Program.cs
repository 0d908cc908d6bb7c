using BenchmarkDotNet.Running;
using MinRnn.Bench;
using MinRnn.Bench.Deployment;
using MinRnn.Bench.Report;
using MinRnn.Bench.Suites;
using MinRnn.Bench.Tasks;

if (args is [] or ["--help" or "-h" or "help"])
{
    Console.WriteLine(
        $"""
        {ReportOptions.Usage}
            Side-by-side measurements with targets, as tables and a plot, in under five minutes.

        {InferenceCommand.Usage}
            Inference without TorchSharp: tokens a second, and the start of Samples/Deployment as a native program.

        {TaskCommand.Usage}
            Trains every cell on small tasks that tell cells apart; a table of results that later runs add to.

        {FuzzCommand.Usage}
            Reads hostile safetensors files and says what became of them.

        --filter '*' and other options of BenchmarkDotNet
            Suites, run in this process; `--list flat` names their benchmarks:
        """);
    foreach (var suite in BenchmarkSuite.All)
        Console.WriteLine($"    {suite.Type.Name,-20} {suite.Summary}");
    return 0;
}

if (args[0] == TaskCommand.Name)
    return TaskCommand.Run(args[1..]);

if (args[0] is "report" or InferenceCommand.Name or FuzzCommand.Name)
{
    try
    {
        var rest = args.AsSpan(1);
        return args[0] switch
        {
            FuzzCommand.Name => FuzzCommand.Run(rest),
            InferenceCommand.Name => InferenceCommand.Run(rest),
            _ => ReportCommand.Run(ReportOptions.Parse(rest)),
        };
    }
    catch (ArgumentException error)
    {
        Console.Error.WriteLine(error.Message);
        return 2;
    }
}

if (!args[0].StartsWith('-'))
{
    Console.Error.WriteLine($"Not understood: {args[0]}. Without arguments, the commands are listed.");
    return 2;
}

var results = BenchmarkSwitcher.FromTypes([.. BenchmarkSuite.All.Select(suite => suite.Type)]).Run(SuiteConfig.InProcess(args), new SuiteConfig());
return results.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
