using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Apache.Arrow;
using Apache.Arrow.Types;
using TypedShm.Layout;

namespace TypedShm.Tool.Recording.Columns;

/// <summary><c>text</c>: up to its NUL. What is no UTF-8 becomes U+FFFD: readers of Arrow rely on that.</summary>
internal sealed class TextColumn() : VariableColumn(StringType.Default)
{
    public override void Append(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> text = Utf8Text.UpToNul(value);
        Add(Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text)));
    }

    public override void Read(ArrayData array, int row, Span<byte> value)
    {
        ReadOnlySpan<byte> text = ValueOf(array, row);
        if (text.Length > value.Length || text.Contains((byte)0))
            throw new FormatException($"A text of {text.Length} bytes is in the recording for a field of {value.Length} without NULs.");
        text.CopyTo(value);
    }
}

/// <summary>
/// <c>decimal</c>: as text, with all its digits. No decimal of Arrow has them: their scale is that of the whole column. Bytes that are no
/// decimal are missing.
/// </summary>
internal sealed class DecimalColumn() : VariableColumn(StringType.Default)
{
    private static readonly FieldKind s_kind = FieldKinds.Of("decimal");

    public override void Append(ReadOnlySpan<byte> value)
    {
        string text = s_kind.Format(value);
        if (text.StartsWith("0x", StringComparison.Ordinal))
            AddMissing();
        else
            Add(Encoding.ASCII.GetBytes(text));
    }

    public override void Read(ArrayData array, int row, Span<byte> value)
    {
        if (IsPresent(array, row))
            MemoryMarshal.Write(value, decimal.Parse(ValueOf(array, row), NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
