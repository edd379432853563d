using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TypedShm;

/// <summary>Converts a text type to and from a JSON string, also as a key. It stands on the types; thread-safe.</summary>
/// <typeparam name="TText">The text type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TextJsonConverter<TText> : JsonConverter<TText>
    where TText : unmanaged
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">It is no string, or does not fit.</exception>
    public override TText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException($"A string was expected for a {typeof(TText).Name}, but a {reader.TokenType} was found.");
        return ReadAsPropertyName(ref reader, typeToConvert, options);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TText value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Utf8Text.ToString(Utf8Text.BytesOf(ref value)));
    }

    /// <inheritdoc/>
    public override TText ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        TText value = default;
        if (Utf8Text.WhyNotSet(Utf8Text.BytesOf(ref value), reader.GetString()) is { } error)
            throw new JsonException(error);
        return value;
    }

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TText value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(Utf8Text.ToString(Utf8Text.BytesOf(ref value)));
    }
}
