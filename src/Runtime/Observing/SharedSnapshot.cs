using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// A private copy of a shared struct that a <see cref="SharedInspector"/> has made: its values by field name, from the layout that came
/// with it. The values are those of another process and not checked: a <c>bool</c> may hold 7, an enum any number. Immutable and
/// thread-safe.
/// </summary>
public sealed class SharedSnapshot
{
    internal static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly FieldPlan _whole;

    internal SharedSnapshot(LayoutDescriptor layout, byte[] bytes, long number, long? publishedAt, int element, byte[] payload)
    {
        Layout = layout;
        Bytes = bytes;
        Number = number;
        PublishedAt = publishedAt;
        Element = element;
        Payload = payload;
        _whole = layout.Plan;
    }

    /// <summary>The layout.</summary>
    public LayoutDescriptor Layout { get; }

    /// <summary>The struct, as it stands in memory.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The payload of a message; empty if it has none.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>
    /// Which one it is: the version of a state's value, the last change of a table's element, the position of a message; of a struct how
    /// often its creator had signalled.
    /// </summary>
    public long Number { get; }

    /// <summary>The number of the element of a table; 0 otherwise.</summary>
    public int Element { get; }

    /// <summary>
    /// When it was published, in nanoseconds of CLOCK_MONOTONIC; null if the channel has no publish times. Stated by the writer.
    /// </summary>
    public long? PublishedAt { get; }

    /// <summary>How long ago it was published; null if the channel has no publish times.</summary>
    public TimeSpan? Age => PublishedAt is { } time ? Stopwatch.GetElapsedTime(time) : null;

    /// <summary>
    /// The values in order of declaration: fields of nested structs and elements of arrays of structs each by themselves.
    /// </summary>
    public IEnumerable<SharedFieldValue> Fields => FieldsOf("", _whole, Bytes);

    /// <summary>The value at a path, <c>Position</c> or <c>Cores[1].User</c>.</summary>
    /// <exception cref="KeyNotFoundException">The struct has no such field.</exception>
    public SharedFieldValue this[string path]
    {
        get
        {
            FieldPlace place = FieldPlace.Find(_whole, path);
            return new SharedFieldValue(path, place.Plan, Bytes.Slice(place.Offset, place.Length), place.IsArray);
        }
    }

    /// <summary>Writes the struct as a JSON object, enums as the names of their members, what is no number in JSON as a string.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FieldJson.Write(writer, _whole.Fields, Bytes.Span, Json, enumNames: true);
    }

    /// <summary>The fields as text: <c>Telemetry { Tick = 1, Rpm = 3000 }</c>.</summary>
    public override string ToString() => $"{Layout.Name} {SharedFields.Format(_whole, isArray: false, Bytes.Span)}";

    private static IEnumerable<SharedFieldValue> FieldsOf(string prefix, FieldPlan parent, ReadOnlyMemory<byte> bytes)
    {
        foreach (FieldPlan plan in parent.Fields)
        {
            LayoutField field = plan.Field;
            ReadOnlyMemory<byte> value = bytes.Slice(field.Offset, (int)plan.Bytes);
            if (plan.Kind is not null)
            {
                yield return new SharedFieldValue(prefix + field.Name, plan, value, field.Length is not null);
                continue;
            }

            for (int i = 0; i < (field.Length ?? 1); i++)
            {
                string path = field.Length is null ? $"{prefix}{field.Name}." : $"{prefix}{field.Name}[{i}].";
                foreach (SharedFieldValue inner in FieldsOf(path, plan, value.Slice(i * field.Size, field.Size)))
                    yield return inner;
            }
        }
    }
}
