using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace TypedShm.Tool.Web;

/// <summary>Writes server-sent events, each with an object in JSON.</summary>
/// <param name="output">The body of the response. A page that does not read holds its own events up, and keeps none waiting.</param>
internal sealed class EventWriter(PipeWriter output)
{
    public void Write(string name, Action<Utf8JsonWriter> members) => Write(name, Json(members));

    /// <param name="name">What the event is.</param>
    /// <param name="json">Its object, which has no line feed.</param>
    public void Write(string name, ReadOnlySpan<byte> json)
    {
        output.Write(Encoding.UTF8.GetBytes($"event: {name}\ndata: "));
        output.Write(json);
        output.Write("\n\n"u8);
    }

    public async Task Flush(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>An object as JSON in a line.</summary>
    public static byte[] Json(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
