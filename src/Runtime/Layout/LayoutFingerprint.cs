using System.Text;
using TypedShm.Interop;

namespace TypedShm.Layout;

/// <summary>FNV-1a over the canonical text of a layout; <c>docs/format.md</c> gives both, byte for byte.</summary>
internal static class LayoutFingerprint
{
    public static ulong Compute(LayoutDescriptor layout)
    {
        StringBuilder text = new();
        text.Append("typedshm 1 ").Append(layout.Size).Append(' ').Append(layout.Alignment).Append('\n');
        Append(text, "", layout.Fields);
        return Fnv.Hash(Encoding.UTF8.GetBytes(text.ToString()));
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
