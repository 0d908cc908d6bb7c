using System;
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
                return Plain(text, value);
        }

        return value.ToString("G17", CultureInfo.InvariantCulture);
    }

    public static string Print(float value)
    {
        for (var digits = 1; digits < 9; digits++)
        {
            var text = value.ToString("G" + digits, CultureInfo.InvariantCulture);
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var read) && read.Equals(value))
                return Plain(text, value);
        }

        return value.ToString("G9", CultureInfo.InvariantCulture);
    }

    /// <summary>For people: 0.1 where the number is that float, as which a cell's source has it.</summary>
    public static string Brief(double value) => (float)value == value ? Print((float)value) : Print(value);

    /// <summary>Whole numbers of a few digits are written as such: 40, not 4E+01.</summary>
    private static string Plain(string text, double value) =>
        text.Contains("E+") && Math.Abs(value) < 1e6 ? value.ToString("F0", CultureInfo.InvariantCulture) : text;
}
