using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>
/// Works on the cases that it reads, a line each, and writes a line when it begins a case and one when it ends: whoever reads them
/// knows which case a silence is about.
/// </summary>
internal static class Worker
{
    /// <summary>Stands before the case that begins.</summary>
    public const string Begin = "begin ";

    /// <summary>Stands before the result of a case.</summary>
    public const string End = "end ";

    /// <summary>After a failure of the driver, the process cannot use the device any more.</summary>
    public const int Broken = 4;

    /// <returns>0 when there were no more cases, or <see cref="Broken"/>.</returns>
    public static int Run(BenchDevice device, TimeSettings settings, TextReader cases, TextWriter results)
    {
        using var context = device.Cuda.Enter();
        while (cases.ReadLine() is { Length: > 0 } line)
        {
            Write(Begin + line);
            CaseResult result;
            var isBroken = false;
            try
            {
                var item = Case.Parse(line);
                result = item.Kind == CaseKind.Check ? CheckCase.Run(device, item) : TimeCase.Run(device, item, settings);
            }
            catch (CudaException failure)
            {
                isBroken = failure.ErrorCode != (int)CudaResult.OutOfMemory;
                result = new CaseResult(line, isBroken ? Outcome.Failed : Outcome.Skipped, failure.Message);
            }
            catch (Exception failure) when (failure is NotSupportedException or InvalidOperationException)
            {
                result = new CaseResult(line, Outcome.Failed, failure.Message);
            }

            Write(End + result);
            if (isBroken)
                return Broken;
        }

        return 0;

        void Write(string text)
        {
            results.WriteLine(text);
            results.Flush();
        }
    }
}
