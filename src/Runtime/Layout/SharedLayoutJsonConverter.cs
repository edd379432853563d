using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// Converts a shared struct to and from JSON, an object with its public fields. Names and numbers follow the options; enums are numbers,
/// or names if the options have a <see cref="JsonStringEnumConverter"/>. Arrays are arrays, those of <see cref="byte"/> and vectors of
/// unstated elements base 64; vectors, matrices and complex numbers arrays of numbers. By the layout that the struct carries, without
/// reflection, so that it works under Native AOT. Generated code puts it on the struct; thread-safe.
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
        FieldJson.Read(ref reader, FieldPlan<T>.Whole, MemoryMarshal.AsBytes(new Span<T>(ref value)), options);
        return value;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(options);
        FieldJson.Write(writer, FieldPlan<T>.Whole.Fields, SharedFields.BytesOf(in value), options, AreEnumsNames(options));
    }

    private static bool AreEnumsNames(JsonSerializerOptions options)
    {
        foreach (JsonConverter converter in options.Converters)
        {
            if (converter is JsonStringEnumConverter)
                return true;
        }

        return false;
    }
}
