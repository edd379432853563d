using System.Globalization;

namespace TypedShm.Layout;

/// <summary>One line of a printed layout: a field with its path and its offset in the whole struct.</summary>
internal readonly record struct LayoutRow(long Offset, string Path, string Kind, int Size, int Stride, bool IsAtomic)
{
    public static List<LayoutRow> Flatten(LayoutDescriptor layout)
    {
        List<LayoutRow> rows = [];
        Add(rows, "", 0, layout.Fields);
        return rows;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Path} {Kind} ({Size} {(Size == 1 ? "byte" : "bytes")}{(IsAtomic ? ", atomic" : "")})");

    private static void Add(List<LayoutRow> rows, string prefix, long start, IReadOnlyList<LayoutField> fields)
    {
        foreach (LayoutField field in fields)
        {
            string kind = field.Length is int length ? string.Create(CultureInfo.InvariantCulture, $"{field.Kind}[{length}]") : field.Kind;
            rows.Add(new LayoutRow(
                start + field.Offset, prefix + field.Name, kind, field.Size * (field.Length ?? 1), field.Size, field.IsAtomic));
            if (field.Fields.Count > 0)
                Add(rows, $"{prefix}{field.Name}{(field.Length is null ? "." : "[].")}", start + field.Offset, field.Fields);
        }
    }
}
