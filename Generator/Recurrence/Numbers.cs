using System.Globalization;

namespace MinRnn.Generator.Recurrence;

/// <summary>The shortest text that reads back as the same number, the same on every runtime and culture.</summary>
internal static class Numbers
{
    public static string Print(double value)
    {
        for (var digits = 1; digits < 17; digits++)
        {
            var text = value.ToString("G" + digits, CultureInfo.InvariantCulture);
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var read) && read.Equals(value))
                return text;
        }

        return value.ToString("G17", CultureInfo.InvariantCulture);
    }

    public static string Print(float value)
    {
        for (var digits = 1; digits < 9; digits++)
        {
            var text = value.ToString("G" + digits, CultureInfo.InvariantCulture);
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var read) && read.Equals(value))
                return text;
        }

        return value.ToString("G9", CultureInfo.InvariantCulture);
    }
}
