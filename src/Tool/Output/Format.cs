using System.Globalization;
using Spectre.Console;

namespace TypedShm.Tool.Output;

/// <summary>Numbers for people.</summary>
internal static class Format
{
    public const string Unknown = "-";

    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => Invariant($"{bytes} B"),
        < 1 << 20 => Invariant($"{bytes / 1024.0:0.#} KiB"),
        < 1 << 30 => Invariant($"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => Invariant($"{bytes / (1024.0 * 1024 * 1024):0.#} GiB"),
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Unknown,
        0 => "0/s",
        < 10 => Invariant($"{perSecond:0.0}/s"),
        < 1e6 => Invariant($"{perSecond:N0}/s"),
        _ => Invariant($"{perSecond / 1e6:0.00}M/s"),
    };

    public static string Age(TimeSpan? age) => age switch
    {
        null => Unknown,
        { TotalSeconds: < 60 } => Invariant($"{age.Value.TotalSeconds:0}s"),
        { TotalMinutes: < 60 } => Invariant($"{(int)age.Value.TotalMinutes}m{age.Value.Seconds:00}s"),
        { TotalHours: < 48 } => Invariant($"{(int)age.Value.TotalHours}h{age.Value.Minutes:00}m"),
        _ => Invariant($"{(int)age.Value.TotalDays}d{age.Value.Hours:00}h"),
    };

    public static string Duration(double seconds) => seconds switch
    {
        < 1e-6 => Invariant($"{seconds * 1e9:0} ns"),
        < 1e-3 => Invariant($"{seconds * 1e6:0.0} µs"),
        < 1 => Invariant($"{seconds * 1e3:0.00} ms"),
        _ => Invariant($"{seconds:0.00} s"),
    };

    /// <summary>A text in at most so many columns of a terminal; what is cut off is marked.</summary>
    public static string Fit(string text, int width)
    {
        if (text.GetCellWidth() <= width)
            return text;
        int length = text.Length;
        while (length > 0 && text.AsSpan(0, length).ToString().GetCellWidth() >= width)
            length--;
        return width > 0 ? $"{text[..length]}…" : "";
    }

    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
