// Runs the trained model: managed code alone, no TorchSharp.
using MinRnnApp;

var question = args.Length > 0 ? args[0] : "7+8";
var path = args.Length > 1 ? args[1] : "model.safetensors";
if (!File.Exists(path))
{
    Console.Error.WriteLine($"There is no {path} here. Train it first: dotnet run --project Train");
    return 1;
}

if (question.Any(character => character > 127))
{
    Console.Error.WriteLine($"'{question}' has characters that the model does not know: it has learned digits, + and =.");
    return 1;
}

var model = SumModel.Inference.Load(path);
int[] prompt = [.. $"\n{question}=".Select(character => (int)character)];
Console.Write($"{question}=");
var length = 0;
foreach (var token in model.Generate(prompt, new() { Temperature = 0 }))
{
    if (token == '\n' || ++length > 20)
        break;
    Console.Write((char)token);
}

Console.WriteLine();
return 0;
