using System.Text.RegularExpressions;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>
/// ILGPU hands on what inline assembly returns through a variable in the thread's memory, which in a loop the driver's compiler
/// leaves there. In this PTX it stays in its register.
/// </summary>
internal static partial class AssemblyResults
{
    /// <summary>The same PTX without such variables.</summary>
    public static string InRegisters(string ptx)
    {
        ptx = RoundTrip().Replace(ptx, "mov.${type}\t${to}, ${from};");
        foreach (Match depot in Depot().Matches(ptx))
        {
            // Nothing but what it begins with is written to a variable that nobody reads.
            var (name, at) = (depot.Groups["name"].Value, depot.Groups["at"].Value);
            var uses = Regex.Matches(ptx, Regex.Escape(at) + @"\b").Count;
            var starts = new Regex($@"^\tst\.local\.\w+\t\[{Regex.Escape(at)}\], 0\w*;\n", RegexOptions.Multiline);
            if (starts.Matches(ptx).Count != uses - 1)
                continue;
            ptx = starts.Replace(ptx, "");
            ptx = Regex.Replace(ptx, $@"^\t(\.local [^\n]* {name}\[\d+\]|mov\.b64\t{Regex.Escape(at)}, {name});\n", "", RegexOptions.Multiline);
        }

        return ptx;
    }

    [GeneratedRegex(@"st\.local\.(?<type>\w+)\t\[(?<at>%rd\d+)\], (?<from>%\w+);\n\tld\.local\.\k<type>\t(?<to>%\w+), \[\k<at>\];", RegexOptions.CultureInvariant)]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"^\tmov\.b64\t(?<at>%rd\d+), (?<name>__local_depot\d+);$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Depot();
}
