using System.Text.Json;
using System.Text.Json.Serialization;

namespace TypedShm.Layout;

/// <summary>Shared structs as JSON, by their layout: see <see cref="SharedLayoutJsonConverter{T}"/>.</summary>
internal static class FieldJson
{
    /// <summary>Writes the public fields of a struct as an object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="plans">The fields.</param>
    /// <param name="bytes">The struct.</param>
    /// <param name="options">How names and numbers are written.</param>
    /// <param name="enumNames">Whether enums are written as the names of their members.</param>
    public static void Write(
        Utf8JsonWriter writer, FieldPlan[] plans, ReadOnlySpan<byte> bytes, JsonSerializerOptions options, bool enumNames)
    {
        writer.WriteStartObject();
        foreach (FieldPlan plan in plans)
        {
            if (!plan.IsPublic)
                continue;
            writer.WritePropertyName(NameOf(plan, options));
            WriteField(writer, plan, plan.Field.Length is not null, bytes.Slice(plan.Field.Offset, (int)plan.Bytes), options, enumNames);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the value of a field, of a whole array or of one element.</summary>
    public static void WriteField(
        Utf8JsonWriter writer, FieldPlan plan, bool isArray, ReadOnlySpan<byte> value, JsonSerializerOptions options, bool enumNames)
    {
        if (!isArray)
            WriteElement(writer, plan, value, options, enumNames);
        else if (plan.Kind is { } kind && FieldKinds.IsByte(kind))
            writer.WriteBase64StringValue(value);
        else
            WriteArray(writer, plan, value, options, enumNames);
    }

    private static void WriteArray(
        Utf8JsonWriter writer, FieldPlan plan, ReadOnlySpan<byte> elements, JsonSerializerOptions options, bool enumNames)
    {
        writer.WriteStartArray();
        for (int at = 0; at < elements.Length; at += plan.Field.Size)
            WriteElement(writer, plan, elements.Slice(at, plan.Field.Size), options, enumNames);
        writer.WriteEndArray();
    }

    private static void WriteElement(
        Utf8JsonWriter writer, FieldPlan plan, ReadOnlySpan<byte> element, JsonSerializerOptions options, bool enumNames)
    {
        if (plan.Kind is null)
            Write(writer, plan.Fields, element, options, enumNames);
        else if (plan.Field.Members.Count > 0 && enumNames && plan.Field.MemberOf(element) is { } member)
            writer.WriteStringValue(member);
        else
            plan.Kind.Write(writer, element, options);
    }

    /// <summary>Reads what <see cref="Write"/> has written. Fields that the JSON does not have stay as they are.</summary>
    /// <exception cref="JsonException">The JSON is no object, or a value does not fit its field.</exception>
    public static void Read(ref Utf8JsonReader reader, FieldPlan parent, scoped Span<byte> bytes, JsonSerializerOptions options)
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
                ReadField(
                    ref reader, plan, plan.Field.Length is not null, bytes.Slice(plan.Field.Offset, (int)plan.Bytes), options);
        }
    }

    /// <summary>Reads the value of a field, of a whole array or of one element.</summary>
    /// <exception cref="JsonException">It does not fit.</exception>
    public static void ReadField(
        ref Utf8JsonReader reader, FieldPlan plan, bool isArray, scoped Span<byte> value, JsonSerializerOptions options)
    {
        if (!isArray)
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
            if (i == plan.Field.Length)
                throw new JsonException($"'{plan.Field.Name}' has {plan.Field.Length} elements, and the JSON has more.");
            ReadElement(ref reader, plan, value.Slice(i * plan.Field.Size, plan.Field.Size), options);
        }
    }

    private static void ReadElement(ref Utf8JsonReader reader, FieldPlan plan, scoped Span<byte> element, JsonSerializerOptions options)
    {
        if (plan.Kind is null)
            Read(ref reader, plan, element, options);
        else if (!(reader.TokenType == JsonTokenType.String && plan.Field.TrySetMember(reader.GetString()!, element))
            && !plan.Kind.TryRead(ref reader, element, options))
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

    private static string NameOf(FieldPlan plan, JsonSerializerOptions options) =>
        options.PropertyNamingPolicy?.ConvertName(plan.Field.Name) ?? plan.Field.Name;

    private static JsonException Misfit(FieldPlan plan) =>
        new($"The JSON of '{plan.Field.Name}' is no value of a field of kind '{plan.Field.Kind}'.");
}
