using System.Globalization;
using System.Text.Json;
using TypedShm.Tool.Layouts;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Web;

/// <summary>A channel as the page gets it: once what it is, once its fields, then each look.</summary>
internal static class ChannelJson
{
    /// <summary>The most fields that a page shows; a struct may have thousands.</summary>
    private const int MostFields = 256;

    public static void WriteChannel(Utf8JsonWriter writer, SharedInspector inspector)
    {
        writer.WriteString("name", inspector.Name);
        writer.WriteString("kind", inspector.Kind.ToString().ToLowerInvariant());
        writer.WriteString("type", inspector.Layout.Name);
        writer.WriteString("response", inspector.ResponseLayout?.Name);
        writer.WriteString("fingerprint", inspector.Layout.Fingerprint.ToString("x16", CultureInfo.InvariantCulture));
        writer.WriteNumber("bytes", inspector.Layout.Size);
        writer.WriteNumber("mapped", inspector.Size);
        writer.WriteNumber("pid", inspector.Owner!.ProcessId);
        writer.WriteString("command", inspector.Owner.Command);
        writer.WriteString("user", Users.NameOf(inspector.Owner.UserId));
        writer.WriteNumber("count", inspector.Count);
        writer.WriteNumber("payload", inspector.PayloadCapacity);
        writer.WriteBoolean("hasValues", inspector.HasValues);
        writer.WriteBoolean("hasMessages", inspector.HasMessages);
        writer.WriteBoolean("isLossless", inspector.IsLossless);
        writer.WriteBoolean("isLive", inspector.IsLive);
        writer.WriteBoolean("peersMayWrite", inspector.PeersMayWrite);
        writer.WriteStartArray("layouts");
        foreach (LayoutDescriptor? layout in (LayoutDescriptor?[])[inspector.Layout, inspector.ResponseLayout])
        {
            if (layout is null)
                continue;
            writer.WriteStartObject();
            writer.WriteString("name", layout.Name);
            writer.WriteString("svg", SvgMap.Draw(layout.Name, layout));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteFields(Utf8JsonWriter writer, WatchedChannel watched)
    {
        writer.WriteStartArray("fields");
        foreach (WatchedField field in watched.Fields.Take(MostFields))
        {
            writer.WriteStartObject();
            writer.WriteString("path", field.Path);
            writer.WriteString("kind", field.Kind);
            writer.WriteBoolean("isNumber", field.Number is not null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("more", Math.Max(0, watched.Fields.Count() - MostFields));
    }

    /// <param name="writer">Where to.</param>
    /// <param name="watched">The channel.</param>
    /// <param name="time">When it was looked at, in seconds of Unix time.</param>
    public static void WriteSample(Utf8JsonWriter writer, WatchedChannel watched, double time)
    {
        SharedInspector inspector = watched.Inspector;
        writer.WriteNumber("time", time);
        JsonLines.WriteNumber(writer, "published", watched.Published);
        JsonLines.WriteNumber(writer, "depth", watched.Depth);
        JsonLines.WriteNumber(writer, "peers", watched.Counts?.Peers);
        JsonLines.WriteNumber(writer, "laps", inspector.HasMessages ? watched.Lapped : null);
        JsonLines.WriteNumber(writer, "age", watched.Value?.Age?.TotalSeconds);
        JsonLines.WriteNumber(writer, "payload", inspector.PayloadCapacity > 0 ? watched.Value?.Payload.Length : null);

        // As text what people read, which has all digits; as numbers what is plotted.
        writer.WriteStartArray("texts");
        foreach (WatchedField field in watched.Fields.Take(MostFields))
            writer.WriteStringValue(field.Text);
        writer.WriteEndArray();
        writer.WriteStartArray("numbers");
        foreach (WatchedField field in watched.Fields.Take(MostFields))
        {
            if (field.Number is { } number && double.IsFinite(number))
                writer.WriteNumberValue(number);
            else
                writer.WriteNullValue();
        }

        writer.WriteEndArray();
    }
}
