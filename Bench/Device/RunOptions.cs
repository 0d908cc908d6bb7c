using System.Globalization;

namespace MinRnn.Bench.Device;

/// <summary>What the command line asks for.</summary>
/// <param name="Command">The command.</param>
/// <param name="Output">The folder of its results.</param>
/// <param name="Device">Which device, from 0 on.</param>
/// <param name="IsQuick">Whether the layers of 64 channels are enough to check.</param>
/// <param name="Minutes">How long cases may begin.</param>
/// <param name="Peers">The script that times PyTorch; null for none.</param>
/// <param name="Only">Words that a case must have, all of them.</param>
internal sealed record RunOptions(string Command, string Output, int Device, bool IsQuick, double Minutes, string? Peers, IReadOnlyList<string> Only)
{
    public const string Usage = """
        MinRnn.Bench.Device all       checks and times everything, then PyTorch's ways, and writes a report; goes on where it was cut short
        MinRnn.Bench.Device check     every layer, strategy and type of elements against double precision
        MinRnn.Bench.Device time      every strategy beside a copy
        MinRnn.Bench.Device torch     TorchSharp's modules on CUDA; MINRNN_LIBTORCH names the folder of PyTorch's libraries
        MinRnn.Bench.Device report    writes the report of what there is
        MinRnn.Bench.Device compile   compiles every kernel to PTX and counts them, without a device
        --output FOLDER    results; .device/results by default
        --peers FILE       the script that times PyTorch; Bench/Device/Peers/peers.py by default, where it is
        --minutes N        no case begins later; 60 by default
        --device N         another device than 0
        --quick            check the layers of 64 channels alone
        --only WORDS       the cases with all of these words, such as 'Time MinGru1024 Single'
        """;

    private const string Script = "Bench/Device/Peers/peers.py";

    /// <returns>The options; null for a line that is not understood.</returns>
    public static RunOptions? Parse(IReadOnlyList<string> arguments)
    {
        string[] commands = ["all", "check", "time", "report", "compile", "torch", "work"];
        if (arguments.Count == 0 || !commands.Contains(arguments[0]))
            return null;
        var options = new RunOptions(arguments[0], Path.Combine(".device", "results"), 0, false, 60, File.Exists(Script) ? Script : null, []);
        for (var i = 1; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--quick":
                    options = options with { IsQuick = true };
                    continue;
                case "--output" when value.Length > 0:
                    options = options with { Output = value };
                    break;
                case "--peers" when value.Length > 0:
                    options = options with { Peers = value };
                    break;
                case "--only" when value.Length > 0:
                    options = options with { Only = value.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
                    break;
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes):
                    options = options with { Minutes = minutes };
                    break;
                case "--device" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var device):
                    options = options with { Device = device };
                    break;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }
}
