using System.Globalization;
using System.Text.Json;
using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// The value of one field of a <see cref="SharedSnapshot"/>: an element of an array, or a whole array of numbers. Immutable.
/// </summary>
public sealed class SharedFieldValue
{
    private readonly FieldPlan _plan;

    internal SharedFieldValue(string path, FieldPlan plan, ReadOnlyMemory<byte> bytes, bool isArray)
    {
        Path = path;
        _plan = plan;
        Bytes = bytes;
        IsArray = isArray;
    }

    /// <summary>The path from the struct: <c>Position</c>, <c>Cores[1].User</c>.</summary>
    public string Path { get; }

    /// <summary>The field in the layout; of an element of an array, the array.</summary>
    public LayoutField Field => _plan.Field;

    /// <summary>Whether it is a whole array.</summary>
    public bool IsArray { get; }

    /// <summary>The bytes, as they stand in memory.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The value as a number, for plots.</summary>
    /// <returns>False if it is none: an array, a text, a struct of .NET.</returns>
    public bool TryGetNumber(out double number)
    {
        number = double.NaN;
        if (IsArray || Field.Kind == "text")
            return false;
        if (Field.Kind == "bool")
        {
            number = Bytes.Span[0] != 0 ? 1 : 0;
            return true;
        }

        return FieldKinds.IsNumber(_plan.Kind)
            && double.TryParse(_plan.Kind!.Format(Bytes.Span), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>
    /// Writes the value as JSON, enums as the names of their members, what is no number in JSON as a string (<c>"NaN"</c>).
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FieldJson.WriteField(writer, _plan, IsArray, Bytes.Span, SharedSnapshot.Json, enumNames: true);
    }

    /// <summary>The value as text, as the struct's own <c>ToString</c> has it.</summary>
    public override string ToString() => SharedFields.Format(_plan, IsArray, Bytes.Span);
}
