using System.Text;

namespace TypedShm.Layout;

/// <summary>FNV-1a over the canonical text of a layout; <c>docs/format.md</c> gives both, byte for byte.</summary>
internal static class LayoutFingerprint
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Compute(LayoutDescriptor layout)
    {
        StringBuilder text = new();
        text.Append("typedshm 1 ").Append(layout.Size).Append(' ').Append(layout.Alignment).Append('\n');
        Append(text, "", layout.Fields);

        ulong hash = OffsetBasis;
        foreach (byte b in Encoding.UTF8.GetBytes(text.ToString()))
            hash = unchecked((hash ^ b) * Prime);
        return hash;
    }

    private static void Append(StringBuilder text, string prefix, IReadOnlyList<LayoutField> fields)
    {
        foreach (LayoutField field in fields)
        {
            text.Append(prefix).Append(field.Name).Append(' ').Append(field.Kind).Append(' ').Append(field.Offset).Append(' ')
                .Append(field.Size).Append(' ').Append(field.Length ?? 0).Append(' ').Append(field.IsAtomic ? "atomic" : "-").Append('\n');
            if (field.Fields.Count > 0)
                Append(text, $"{prefix}{field.Name}.", field.Fields);
        }
    }
}
