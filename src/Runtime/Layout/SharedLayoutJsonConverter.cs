using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// Converts a shared struct to and from JSON, an object with its public fields. Names and numbers follow the options; enums are numbers, or
/// names if the options have a <see cref="JsonStringEnumConverter"/>. Arrays are arrays, those of <see cref="byte"/> and vectors of unstated
/// elements base 64; vectors, matrices and complex numbers arrays of numbers. By the layout that the struct carries, without reflection, so
/// that it works under Native AOT. Generated code puts it on the struct; thread-safe.
/// </summary>
/// <typeparam name="T">The struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SharedLayoutJsonConverter<T> : JsonConverter<T>
    where T : unmanaged, ISharedLayout<T>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">The JSON is no object, or a value does not fit its field.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        T value = default;
        ReadObject(ref reader, FieldPlan<T>.Whole, MemoryMarshal.AsBytes(new Span<T>(ref value)), options);
        return value;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(options);
        WriteObject(writer, FieldPlan<T>.Whole.Fields, SharedFields.BytesOf(in value), options);
    }

    private static void WriteObject(Utf8JsonWriter writer, FieldPlan[] plans, ReadOnlySpan<byte> bytes, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (FieldPlan plan in plans)
        {
            if (!plan.IsPublic)
                continue;
            writer.WritePropertyName(NameOf(plan, options));
            ReadOnlySpan<byte> value = bytes.Slice(plan.Field.Offset, (int)plan.Bytes);
            if (plan.Field.Length is null)
                WriteElement(writer, plan, value, options);
            else if (plan.Kind is { } kind && FieldKinds.IsByte(kind))
                writer.WriteBase64StringValue(value);
            else
                WriteArray(writer, plan, value, options);
        }

        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, FieldPlan plan, ReadOnlySpan<byte> elements, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        for (int at = 0; at < elements.Length; at += plan.Field.Size)
            WriteElement(writer, plan, elements.Slice(at, plan.Field.Size), options);
        writer.WriteEndArray();
    }

    private static void WriteElement(Utf8JsonWriter writer, FieldPlan plan, ReadOnlySpan<byte> element, JsonSerializerOptions options)
    {
        if (plan.Kind is null)
            WriteObject(writer, plan.Fields, element, options);
        else if (plan.Field.Members.Count > 0 && AreEnumsNames(options) && plan.Field.MemberOf(element) is { } member)
            writer.WriteStringValue(member);
        else
            plan.Kind.Write(writer, element, options);
    }

    private static void ReadObject(ref Utf8JsonReader reader, FieldPlan parent, scoped Span<byte> bytes, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"The JSON of '{parent.Field.Name}' is no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            FieldPlan? plan = Find(ref reader, parent.Fields, options);
            if (plan is null && options.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow)
                throw new JsonException($"'{parent.Field.Name}' has no field '{reader.GetString()}'.");
            if (!reader.Read())
                throw new JsonException();
            if (plan is null)
                reader.Skip();
            else
                ReadField(ref reader, plan, bytes.Slice(plan.Field.Offset, (int)plan.Bytes), options);
        }
    }

    private static void ReadField(ref Utf8JsonReader reader, FieldPlan plan, scoped Span<byte> value, JsonSerializerOptions options)
    {
        if (plan.Field.Length is not int length)
        {
            ReadElement(ref reader, plan, value, options);
            return;
        }

        if (plan.Kind is { } kind && FieldKinds.IsByte(kind) && reader.TokenType == JsonTokenType.String)
        {
            if (!reader.TryGetBytesFromBase64(out byte[]? bytes) || !bytes.AsSpan().TryCopyTo(value))
                throw Misfit(plan);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
            throw Misfit(plan);
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == length)
                throw new JsonException($"'{plan.Field.Name}' has {length} elements, and the JSON has more.");
            ReadElement(ref reader, plan, value.Slice(i * plan.Field.Size, plan.Field.Size), options);
        }
    }

    private static void ReadElement(ref Utf8JsonReader reader, FieldPlan plan, scoped Span<byte> element, JsonSerializerOptions options)
    {
        if (plan.Kind is null)
            ReadObject(ref reader, plan, element, options);
        else if (!(reader.TokenType == JsonTokenType.String && plan.Field.TrySetMember(reader.GetString()!, element)) && !plan.Kind.TryRead(ref reader, element, options))
            throw Misfit(plan);
    }

    private static FieldPlan? Find(ref Utf8JsonReader reader, FieldPlan[] plans, JsonSerializerOptions options)
    {
        string? given = options.PropertyNameCaseInsensitive ? reader.GetString() : null;
        foreach (FieldPlan plan in plans)
        {
            string name = NameOf(plan, options);
            if (plan.IsPublic && (given is null ? reader.ValueTextEquals(name) : name.Equals(given, StringComparison.OrdinalIgnoreCase)))
                return plan;
        }

        return null;
    }

    private static string NameOf(FieldPlan plan, JsonSerializerOptions options) => options.PropertyNamingPolicy?.ConvertName(plan.Field.Name) ?? plan.Field.Name;

    private static bool AreEnumsNames(JsonSerializerOptions options)
    {
        foreach (JsonConverter converter in options.Converters)
        {
            if (converter is JsonStringEnumConverter)
                return true;
        }

        return false;
    }

    private static JsonException Misfit(FieldPlan plan) => new($"The JSON of '{plan.Field.Name}' is no value of a field of kind '{plan.Field.Kind}'.");
}
