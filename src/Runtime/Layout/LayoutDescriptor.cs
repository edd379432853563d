using System.Diagnostics.CodeAnalysis;
using System.Text;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// The layout of a shared struct as data: what a region says of itself, and what peers compare. Immutable and safe for
/// use by any number of threads.
/// </summary>
public sealed class LayoutDescriptor
{
    /// <summary>The most bytes of JSON that a layout may have.</summary>
    internal const int MaxJsonLength = 120_000;

    internal LayoutDescriptor(string name, int size, int alignment, IReadOnlyList<LayoutField> fields)
    {
        Name = name;
        Size = size;
        Alignment = alignment;
        Fields = fields;
        Fingerprint = LayoutFingerprint.Compute(this);
    }

    /// <summary>The struct's simple name. For messages; two layouts are compared without it.</summary>
    public string Name { get; }

    /// <summary>The size in bytes.</summary>
    public int Size { get; }

    /// <summary>The alignment in bytes, a power of two.</summary>
    public int Alignment { get; }

    /// <summary>The fields, in order of declaration.</summary>
    public IReadOnlyList<LayoutField> Fields { get; }

    /// <summary>The fingerprint, computed from the other properties, see <see cref="ISharedLayout{TSelf}.Fingerprint"/>.</summary>
    public ulong Fingerprint { get; }

    /// <summary>How structs with this layout are shown.</summary>
    internal FieldPlan Plan => field ??= FieldPlan.Of(this);

    /// <summary>The layout of a struct of this program.</summary>
    [SuppressMessage("Naming", "CA1716:Identifiers should not match keywords",
        Justification = "Reads as a sentence: LayoutDescriptor.Of<Quote>().")]
    public static LayoutDescriptor Of<T>()
        where T : unmanaged, ISharedLayout<T> => Cache<T>.Descriptor;

    /// <summary>Reads a layout from the JSON that <c>docs/format.md</c> describes. The input is not trusted.</summary>
    /// <exception cref="FormatException">The JSON is malformed, too long, or describes no possible layout.</exception>
    public static LayoutDescriptor Parse(ReadOnlySpan<byte> utf8Json) => LayoutJson.Parse(utf8Json);

    /// <summary>The layout as JSON in UTF-8, of which <see cref="Parse"/> makes an equal one, enums and their members included.</summary>
    public byte[] ToJson() => LayoutJson.Write(this);

    /// <summary>This layout and another one side by side, by offset, with a <c>*</c> before each line that differs.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="name">What to call this one.</param>
    /// <param name="otherName">What to call the other.</param>
    public string CompareTo(LayoutDescriptor other, string name, string otherName)
    {
        ArgumentNullException.ThrowIfNull(other);
        return LayoutDiff.Describe(this, other, name, otherName);
    }

    /// <summary>The layout as a table of offsets, sizes, kinds and names.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(Name).Append(": ").Append(Size).Append(" bytes, alignment ").Append(Alignment).Append(", fingerprint ")
            .Append(Fingerprint.ToString("x16", null));
        foreach (LayoutRow row in LayoutRow.Flatten(this))
            text.Append('\n').Append(row.Offset.ToString("D", null).PadLeft(8)).Append("  ").Append(row);
        return text.ToString();
    }

    private static class Cache<T>
        where T : unmanaged, ISharedLayout<T>
    {
        public static readonly LayoutDescriptor Descriptor = LayoutJson.Parse(T.LayoutJson);
    }
}
