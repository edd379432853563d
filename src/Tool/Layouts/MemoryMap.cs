namespace TypedShm.Tool.Layouts;

/// <summary>A part of a struct as a map shows it: a field, or padding.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Name">The path of the field; null for padding.</param>
/// <param name="Kind">Its kind.</param>
internal readonly record struct MapPart(int Offset, int Size, string? Name, string Kind)
{
    public int End => Offset + Size;
}

/// <summary>The bytes of a struct in order, with the padding between its fields.</summary>
internal static class MemoryMap
{
    public const int CacheLine = 64;

    /// <summary>Fields of nested structs each by themselves; an array is one part.</summary>
    public static List<MapPart> Of(LayoutDescriptor layout)
    {
        List<MapPart> fields = [];
        Add(fields, "", 0, layout.Fields);
        fields.Sort((one, other) => one.Offset.CompareTo(other.Offset));
        List<MapPart> parts = [];
        int end = 0;
        foreach (MapPart field in fields)
        {
            if (field.Offset > end)
                parts.Add(new MapPart(end, field.Offset - end, null, "padding"));
            parts.Add(field);
            end = Math.Max(end, field.End);
        }

        if (layout.Size > end)
            parts.Add(new MapPart(end, layout.Size - end, null, "padding"));
        return parts;
    }

    private static void Add(List<MapPart> parts, string prefix, int start, IReadOnlyList<LayoutField> fields)
    {
        foreach (LayoutField field in fields)
        {
            if (field.Fields.Count > 0 && field.Length is null)
                Add(parts, $"{prefix}{field.Name}.", start + field.Offset, field.Fields);
            else
                parts.Add(new MapPart(start + field.Offset, field.Size * (field.Length ?? 1), prefix + field.Name, KindOf(field)));
        }
    }

    private static string KindOf(LayoutField field) =>
        $"{field.Kind}{(field.Length is { } length ? $"[{length}]" : "")}{(field.IsAtomic ? " atomic" : "")}";
}
