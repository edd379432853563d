using System.Buffers;
using System.Text.Json;

namespace TypedShm.Tool.Output;

/// <summary>JSON for scripts: one object a line, written out at once.</summary>
internal static class JsonLines
{
    private static readonly JsonWriterOptions s_options =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, s_options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan));
        Console.Out.Flush();
    }

    /// <summary>A value as the member <c>value</c>, and what is known of it.</summary>
    public static void WriteSnapshot(Utf8JsonWriter writer, SharedInspector inspector, SharedSnapshot snapshot) =>
        WriteSnapshot(writer, inspector.Name, inspector.Kind, inspector.PayloadCapacity, snapshot);

    /// <inheritdoc cref="WriteSnapshot(Utf8JsonWriter, SharedInspector, SharedSnapshot)"/>
    public static void WriteSnapshot(Utf8JsonWriter writer, string name, ChannelKind kind, int payloadCapacity, SharedSnapshot snapshot)
    {
        writer.WriteString("name", name);
        writer.WriteNumber("number", snapshot.Number);
        if (kind == ChannelKind.Table)
            writer.WriteNumber("element", snapshot.Element);
        if (snapshot.PublishedAt is { } time)
            writer.WriteNumber("publishedAt", time);
        writer.WritePropertyName("value");
        snapshot.WriteTo(writer);
        if (payloadCapacity > 0)
            writer.WriteBase64String("payload", snapshot.Payload.Span);
    }

    /// <summary>A number, or null if it is not known.</summary>
    public static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }
}
