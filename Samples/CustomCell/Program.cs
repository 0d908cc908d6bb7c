using System.Globalization;
using MinRnn.Samples.CustomCell;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
torch.manual_seed(1);
var agrees = Agreement.Show() & GradientCheck.Show();
var learned = SmoothingTask.Show();
return agrees && learned ? 0 : 1;
