using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace TypedShm.Tool.Recording.Columns;

/// <summary>Which column a field of a layout has.</summary>
internal static class FieldColumns
{
    /// <summary>The fields of a layout, or of a struct in it, in order of declaration.</summary>
    public static List<StructColumn.Part> Of(IReadOnlyList<LayoutField> fields) => [.. fields.Select(PartOf)];

    private static StructColumn.Part PartOf(LayoutField field)
    {
        Column element = ElementOf(field);
        Column column = field.Length is int length ? new ListColumn(element, length, field.Size) : element;
        return new(new Field(field.Name, column.Type, nullable: true, Describe(field)), column, field.Offset,
            field.Size * (field.Length ?? 1));
    }

    // What Arrow's type does not say.
    private static Dictionary<string, string> Describe(LayoutField field)
    {
        Dictionary<string, string> description = new() { ["typedshm.kind"] = field.Kind };
        if (field.Members.Count > 0)
        {
            using MemoryStream json = new();
            using (Utf8JsonWriter writer = new(json))
            {
                writer.WriteStartObject();
                foreach (LayoutMember member in field.Members)
                    writer.WriteNumber(member.Name, member.Value);
                writer.WriteEndObject();
            }

            description["typedshm.enum"] = System.Text.Encoding.UTF8.GetString(json.ToArray());
        }

        return description;
    }

    private static Column ElementOf(LayoutField field) => field.Kind switch
    {
        "struct" => new StructColumn(Of(field.Fields)),
        "text" => new TextColumn(),

        // A kind that Arrow has no type for, or that this version does not know, is just bytes.
        _ => Fixed(field.Kind) ?? new FixedColumn(new FixedSizeBinaryType(field.Size), field.Size),
    };

    private static Column? Fixed(string kind) => kind switch
    {
        "bool" => new BoolColumn(),
        "int8" => Plain(Int8Type.Default, 1),
        "int16" => Plain(Int16Type.Default, 2),
        "int32" or "index" => Plain(Int32Type.Default, 4),
        "int64" => Plain(Int64Type.Default, 8),
        "uint8" => Plain(UInt8Type.Default, 1),
        "uint16" or "char16" => Plain(UInt16Type.Default, 2),
        "uint32" or "rune" => Plain(UInt32Type.Default, 4),
        "uint64" => Plain(UInt64Type.Default, 8),
        "float16" => Plain(HalfFloatType.Default, 2),
        "float32" => Plain(FloatType.Default, 4),
        "float64" => Plain(DoubleType.Default, 8),
        "decimal" => new DecimalColumn(),
        "guid" => new GuidColumn(),
        "timespan" => new TicksColumn(DurationType.Nanosecond),
        "dateonly" => new DateColumn(),
        "timeonly" => new TicksColumn(new Time64Type(TimeUnit.Nanosecond)),
        "range" => Several(Int32Type.Default, 4, 2),
        "complex" => Several(DoubleType.Default, 8, 2),
        "vector2" => Several(FloatType.Default, 4, 2),
        "vector3" => Several(FloatType.Default, 4, 3),
        "vector4" or "quaternion" or "plane" => Several(FloatType.Default, 4, 4),
        "matrix3x2" => Several(FloatType.Default, 4, 6),
        "matrix4x4" => Several(FloatType.Default, 4, 16),
        _ => null,
    };

    private static FixedColumn Plain(IArrowType type, int size) => new(type, size);

    private static ListColumn Several(IArrowType type, int size, int count) => new(new FixedColumn(type, size), count, size);
}
