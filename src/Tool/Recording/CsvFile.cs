using System.Text;
using System.Text.Json;

namespace TypedShm.Tool.Recording;

/// <summary>A recording as CSV after RFC 4180: a header, lines that end with CR LF, quotes where they are needed.</summary>
internal static class CsvFile
{
    private const string NewLine = "\r\n";

    public static void Write(TextWriter output, RecordingReader reader)
    {
        RecordedChannel channel = reader.Channel;
        SharedSnapshot empty = new(channel.Layout, new byte[channel.Layout.Size], 0, null, 0, []);
        WriteLine(output, [.. Heads(channel), .. empty.Fields.Select(field => field.Path), .. Payload(channel, "_payload")]);
        foreach (RecordedRow row in reader.Rows())
        {
            WriteLine(output,
            [
                .. Known(channel, row), .. row.Value.Fields.Select(Value),
                .. Payload(channel, Convert.ToBase64String(row.Value.Payload.Span)),
            ]);
        }
    }

    private static IEnumerable<string> Heads(RecordedChannel channel)
    {
        yield return "_received";
        if (channel.HasPublishTimes)
            yield return "_published";
        yield return "_sequence";
        if (channel.CountsLost)
            yield return "_lost";
        if (channel.Kind == ChannelKind.Table)
            yield return "_element";
    }

    private static IEnumerable<string> Known(RecordedChannel channel, RecordedRow row)
    {
        yield return Time(row.Received + channel.ClockOffset);
        if (row.Value.PublishedAt is { } published)
            yield return Time(published + channel.ClockOffset);
        yield return $"{row.Value.Number}";
        if (channel.CountsLost)
            yield return $"{row.Lost}";
        if (channel.Kind == ChannelKind.Table)
            yield return $"{row.Value.Element}";
    }

    private static string[] Payload(RecordedChannel channel, string cell) => channel.PayloadCapacity > 0 ? [cell] : [];

    // What has several numbers, an array or a vector, is one cell: a JSON array.
    private static string Value(SharedFieldValue field)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
            field.WriteTo(writer);
        return json.GetBuffer()[0] == '[' ? Encoding.UTF8.GetString(json.ToArray()) : field.ToString();
    }

    // ISO 8601, to the nanosecond.
    private static string Time(long nanoseconds)
    {
        (long ticks, long rest) = Math.DivRem(nanoseconds, TimeSpan.NanosecondsPerTick);
        return $"{DateTime.UnixEpoch.AddTicks(ticks):yyyy-MM-ddTHH:mm:ss.fffffff}{rest:00}Z";
    }

    private static void WriteLine(TextWriter output, string[] cells)
    {
        output.Write(string.Join(',', cells.Select(Quote)));
        output.Write(NewLine);
    }

    private static string Quote(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
