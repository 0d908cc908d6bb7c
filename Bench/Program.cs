using BenchmarkDotNet.Running;
using MinRnn.Bench;
using MinRnn.Bench.Report;
using MinRnn.Bench.Suites;

if (args is [])
{
    Console.WriteLine(
        $"""
        {ReportOptions.Usage}
            Side-by-side measurements with targets, as tables and a plot, in under five minutes.

        {FuzzCommand.Usage}
            Reads hostile safetensors files and says what became of them.

        --filter '*' and other options of BenchmarkDotNet
            Suites, run in this process:
        """);
    foreach (var suite in BenchmarkSuite.All)
        Console.WriteLine($"    {suite.Type.Name,-20} {suite.Summary}");
    return 0;
}

if (args[0] is "report" or FuzzCommand.Name)
{
    try
    {
        return args[0] == FuzzCommand.Name ? FuzzCommand.Run(args.AsSpan(1)) : ReportCommand.Run(ReportOptions.Parse(args.AsSpan(1)));
    }
    catch (ArgumentException error)
    {
        Console.Error.WriteLine(error.Message);
        return 2;
    }
}

var results = BenchmarkSwitcher.FromTypes([.. BenchmarkSuite.All.Select(suite => suite.Type)]).Run(SuiteConfig.InProcess(args), new SuiteConfig());
return results.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
