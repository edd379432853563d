using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// Compares and shows shared structs field by field, by the layout that they carry, so that no code is generated for it. For generated
/// code. Thread-safe; a struct that is written meanwhile may be seen half old and half new.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SharedFields
{
    private const int MostElementsShown = 16;

    /// <summary>
    /// Whether all fields are equal: numbers and structs of .NET as their <c>Equals</c> has it, text up to its NUL, arrays element by
    /// element. Padding takes no part.
    /// </summary>
    /// <exception cref="FormatException">The layout that was generated for the struct is not one.</exception>
    public static bool AreEqual<T>(ref readonly T one, ref readonly T other)
        where T : unmanaged, ISharedLayout<T>
    {
        ReadOnlySpan<byte> ones = BytesOf(in one);
        ReadOnlySpan<byte> others = BytesOf(in other);
        return ones.SequenceEqual(others) || (!FieldPlan<T>.Whole.IsBitwise && AreEqual(FieldPlan<T>.Whole.Fields, ones, others));
    }

    /// <summary>A hash that is the same for structs that are equal.</summary>
    public static int GetHashCode<T>(ref readonly T value)
        where T : unmanaged, ISharedLayout<T>
    {
        HashCode hash = default;
        if (FieldPlan<T>.Whole.IsBitwise)
            hash.AddBytes(BytesOf(in value));
        else
            Add(ref hash, FieldPlan<T>.Whole.Fields, BytesOf(in value));
        return hash.ToHashCode();
    }

    /// <summary>
    /// The public fields as text, as a record shows its members: <c>Telemetry { Tick = 1, Rpm = 3000 }</c>. Numbers are written as in
    /// invariant culture.
    /// </summary>
    public static string Format<T>(ref readonly T value)
        where T : unmanaged, ISharedLayout<T>
    {
        StringBuilder text = new(FieldPlan<T>.Whole.Field.Name);
        Append(text.Append(' '), FieldPlan<T>.Whole.Fields, BytesOf(in value));
        return text.ToString();
    }

    /// <summary>A value as text.</summary>
    internal static string Format(FieldPlan plan, bool isArray, ReadOnlySpan<byte> value)
    {
        StringBuilder text = new();
        if (isArray)
            AppendArray(text, plan, plan.Field.Length!.Value, value);
        else
            AppendElement(text, plan, value);
        return text.ToString();
    }

    internal static ReadOnlySpan<byte> BytesOf<T>(ref readonly T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    private static bool AreEqual(FieldPlan[] plans, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        foreach (FieldPlan plan in plans)
        {
            int start = plan.Field.Offset;
            if (plan.IsBitwise)
            {
                if (!one.Slice(start, (int)plan.Bytes).SequenceEqual(other.Slice(start, (int)plan.Bytes)))
                    return false;
                continue;
            }

            int size = plan.Field.Size;
            for (int i = 0; i < (plan.Field.Length ?? 1); i++)
            {
                ReadOnlySpan<byte> left = one.Slice(start + (i * size), size);
                ReadOnlySpan<byte> right = other.Slice(start + (i * size), size);
                if (!(plan.Kind?.AreEqual(left, right) ?? AreEqual(plan.Fields, left, right)))
                    return false;
            }
        }

        return true;
    }

    private static void Add(ref HashCode hash, FieldPlan[] plans, ReadOnlySpan<byte> bytes)
    {
        foreach (FieldPlan plan in plans)
        {
            int start = plan.Field.Offset;
            int size = plan.Field.Size;
            if (plan.IsBitwise)
            {
                hash.AddBytes(bytes.Slice(start, (int)plan.Bytes));
                continue;
            }

            for (int i = 0; i < (plan.Field.Length ?? 1); i++)
            {
                ReadOnlySpan<byte> element = bytes.Slice(start + (i * size), size);
                if (plan.Kind is { } kind)
                    kind.AddTo(ref hash, element);
                else
                    Add(ref hash, plan.Fields, element);
            }
        }
    }

    private static void Append(StringBuilder text, FieldPlan[] plans, ReadOnlySpan<byte> bytes)
    {
        string separator = "{ ";
        foreach (FieldPlan plan in plans)
        {
            if (!plan.IsPublic)
                continue;
            text.Append(separator).Append(plan.Field.Name).Append(" = ");
            separator = ", ";
            if (plan.Field.Length is int length)
                AppendArray(text, plan, length, bytes.Slice(plan.Field.Offset, (int)plan.Bytes));
            else
                AppendElement(text, plan, bytes.Slice(plan.Field.Offset, plan.Field.Size));
        }

        text.Append(separator == "{ " ? "{ }" : " }");
    }

    private static void AppendArray(StringBuilder text, FieldPlan plan, int length, ReadOnlySpan<byte> elements)
    {
        text.Append('[');
        for (int i = 0; i < Math.Min(length, MostElementsShown); i++)
        {
            text.Append(i == 0 ? "" : ", ");
            AppendElement(text, plan, elements.Slice(i * plan.Field.Size, plan.Field.Size));
        }

        if (length > MostElementsShown)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $", … {length - MostElementsShown} more");
        text.Append(']');
    }

    private static void AppendElement(StringBuilder text, FieldPlan plan, ReadOnlySpan<byte> element)
    {
        if (plan.Kind is null)
            Append(text, plan.Fields, element);
        else
            text.Append(plan.Field.MemberOf(element) ?? plan.Kind.Format(element));
    }
}
