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
        foreach (Match variable in Variable().Matches(ptx))
        {
            var (name, at) = (variable.Groups["name"].Value, Regex.Escape(variable.Groups["at"].Value));
            var start = new Regex($@"^\tst\.local\.\w+\t\[{at}\], 0\w*;\n", RegexOptions.Multiline);
            var handing = new Regex($@"st\.local\.(?<type>\w+)\t\[{at}\], (?<from>%\w+);\n\tld\.local\.\k<type>\t(?<to>%\w+), \[{at}\];");

            // Whatever else is done with it, it is another variable.
            if (Regex.Count(ptx, at + @"\b") != 1 + start.Count(ptx) + (2 * handing.Count(ptx)))
                continue;
            ptx = handing.Replace(start.Replace(ptx, ""), "mov.${type}\t${to}, ${from};");
            ptx = Regex.Replace(ptx, $@"^\t(\.local [^\n]* {name}\[\d+\]|mov\.b64\t{at}, {name});\n", "", RegexOptions.Multiline);
        }

        return ptx;
    }

    [GeneratedRegex(@"^\tmov\.b64\t(?<at>%rd\d+), (?<name>__local_depot\d+);$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
