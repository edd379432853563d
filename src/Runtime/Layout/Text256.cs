using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace TypedShm;

/// <summary>
/// Up to 255 bytes of UTF-8 text, NUL-terminated, in a field of 256 bytes and alignment 1. In a generated view it is a
/// <see cref="SharedText"/>. Two are equal if their texts are, whatever stands after the NUL; the order is that of the code points.
/// Nothing but <see cref="ToString()"/> allocates. Bytes that are not UTF-8 count as U+FFFD.
/// </summary>
[InlineArray(256)]
[DebuggerDisplay("{ToString(),nq}")]
[JsonConverter(typeof(TextJsonConverter<Text256>))]
public struct Text256
    : IEquatable<Text256>, IComparable<Text256>, ISpanFormattable, IUtf8SpanFormattable, ISpanParsable<Text256>, IUtf8SpanParsable<Text256>
{
    /// <summary>The most bytes of UTF-8 that fit.</summary>
    public const int Capacity = 255;

    private byte _first;

    /// <summary>The bytes of the text, without the terminating NUL.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Utf8 => Utf8Text.UpToNul(this);

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 255 bytes or contains a NUL.</exception>
    public static implicit operator Text256(string text)
    {
        Text256 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Whether both are the same text.</summary>
    public static bool operator ==(Text256 left, Text256 right) => left.Equals(right);

    /// <summary>Whether they are different texts.</summary>
    public static bool operator !=(Text256 left, Text256 right) => !left.Equals(right);

    /// <summary>Whether it is this text, of any length.</summary>
    public static bool operator ==(Text256 left, string? right) => right is not null && left.Equals(right);

    /// <summary>Whether it is another text, of any length.</summary>
    public static bool operator !=(Text256 left, string? right) => !(left == right);

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="FormatException">The text needs more than 255 bytes or contains a NUL.</exception>
    public static Text256 Parse(ReadOnlySpan<char> text) => Utf8Text.Parse<Text256>(text);

    /// <summary>Makes the field's value from a UTF-8 text.</summary>
    /// <exception cref="FormatException">The text is longer than 255 bytes, contains a NUL, or is not UTF-8.</exception>
    public static Text256 Parse(ReadOnlySpan<byte> utf8) => Utf8Text.Parse<Text256>(utf8);

    /// <summary>Makes the field's value from a text if it fits and contains no NUL.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Text256 result)
    {
        result = default;
        return text is not null && TryParse(text.AsSpan(), out result);
    }

    /// <inheritdoc cref="TryParse(string, out Text256)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out Text256 result) => Utf8Text.TryParse(text, out result);

    /// <summary>Makes the field's value from a UTF-8 text if it fits, contains no NUL and is UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Text256 result) => Utf8Text.TryParse(utf8, out result);

    /// <summary>Whether both are the same text.</summary>
    public readonly bool Equals(Text256 other) => Utf8.SequenceEqual(other.Utf8);

    /// <summary>Whether it is this text, of any length.</summary>
    public readonly bool Equals(ReadOnlySpan<char> text) => Utf8Text.AreEqual(Utf8, text);

    /// <summary>Whether it is this UTF-8 text, of any length, byte by byte.</summary>
    public readonly bool Equals(ReadOnlySpan<byte> utf8) => Utf8.SequenceEqual(utf8);

    /// <inheritdoc/>
    public readonly override bool Equals(object? obj) => obj is Text256 other && Equals(other);

    /// <inheritdoc/>
    public readonly override int GetHashCode() => Utf8Text.HashCodeOf(Utf8);

    /// <summary>Below 0 if it comes before the other one in the order of the code points, above 0 if after it.</summary>
    public readonly int CompareTo(Text256 other) => Utf8.SequenceCompareTo(other.Utf8);

    /// <summary>Writes the text as UTF-16.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public readonly bool TryFormat(Span<char> destination, out int charsWritten) =>
        Utf8Text.TryFormat(Utf8, destination, out charsWritten);

    /// <summary>Writes the text as UTF-8.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public readonly bool TryFormat(Span<byte> utf8Destination, out int bytesWritten) =>
        Utf8Text.TryFormat(Utf8, utf8Destination, out bytesWritten);

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);

    static Text256 IParsable<Text256>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static Text256 ISpanParsable<Text256>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static Text256 IUtf8SpanParsable<Text256>.Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => Parse(utf8Text);

    static bool IParsable<Text256>.TryParse(string? s, IFormatProvider? provider, out Text256 result) =>
        TryParse(s, out result);

    static bool ISpanParsable<Text256>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Text256 result) =>
        TryParse(s, out result);

    static bool IUtf8SpanParsable<Text256>.TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out Text256 result) =>
        TryParse(utf8Text, out result);

    readonly bool ISpanFormattable.TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    readonly bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(utf8Destination, out bytesWritten);

    readonly string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
