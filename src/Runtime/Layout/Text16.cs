using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace TypedShm;

/// <summary>
/// Up to 15 bytes of UTF-8 text, NUL-terminated, in a field of 16 bytes and alignment 1. In a generated view it is a
/// <see cref="SharedText"/>. Two are equal if their texts are, whatever stands after the NUL; the order is that of the code points.
/// Nothing but <see cref="ToString()"/> allocates. Bytes that are not UTF-8 count as U+FFFD.
/// </summary>
[InlineArray(16)]
[DebuggerDisplay("{ToString(),nq}")]
[JsonConverter(typeof(TextJsonConverter<Text16>))]
public struct Text16
    : IEquatable<Text16>, IComparable<Text16>, ISpanFormattable, IUtf8SpanFormattable, ISpanParsable<Text16>, IUtf8SpanParsable<Text16>
{
    /// <summary>The most bytes of UTF-8 that fit.</summary>
    public const int Capacity = 15;

    private byte _first;

    /// <summary>The bytes of the text, without the terminating NUL.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Utf8 => Utf8Text.UpToNul(this);

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 15 bytes or contains a NUL.</exception>
    public static implicit operator Text16(string text)
    {
        Text16 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Whether both are the same text.</summary>
    public static bool operator ==(Text16 left, Text16 right) => left.Equals(right);

    /// <summary>Whether they are different texts.</summary>
    public static bool operator !=(Text16 left, Text16 right) => !left.Equals(right);

    /// <summary>Whether it is this text, of any length.</summary>
    public static bool operator ==(Text16 left, string? right) => right is not null && left.Equals(right);

    /// <summary>Whether it is another text, of any length.</summary>
    public static bool operator !=(Text16 left, string? right) => !(left == right);

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="FormatException">The text needs more than 15 bytes or contains a NUL.</exception>
    public static Text16 Parse(ReadOnlySpan<char> text) => Utf8Text.Parse<Text16>(text);

    /// <summary>Makes the field's value from a UTF-8 text.</summary>
    /// <exception cref="FormatException">The text is longer than 15 bytes, contains a NUL, or is not UTF-8.</exception>
    public static Text16 Parse(ReadOnlySpan<byte> utf8) => Utf8Text.Parse<Text16>(utf8);

    /// <summary>Makes the field's value from a text if it fits and contains no NUL.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Text16 result)
    {
        result = default;
        return text is not null && TryParse(text.AsSpan(), out result);
    }

    /// <inheritdoc cref="TryParse(string, out Text16)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out Text16 result) => Utf8Text.TryParse(text, out result);

    /// <summary>Makes the field's value from a UTF-8 text if it fits, contains no NUL and is UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Text16 result) => Utf8Text.TryParse(utf8, out result);

    /// <summary>Whether both are the same text.</summary>
    public readonly bool Equals(Text16 other) => Utf8.SequenceEqual(other.Utf8);

    /// <summary>Whether it is this text, of any length.</summary>
    public readonly bool Equals(ReadOnlySpan<char> text) => Utf8Text.AreEqual(Utf8, text);

    /// <summary>Whether it is this UTF-8 text, of any length, byte by byte.</summary>
    public readonly bool Equals(ReadOnlySpan<byte> utf8) => Utf8.SequenceEqual(utf8);

    /// <inheritdoc/>
    public readonly override bool Equals(object? obj) => obj is Text16 other && Equals(other);

    /// <inheritdoc/>
    public readonly override int GetHashCode() => Utf8Text.HashCodeOf(Utf8);

    /// <summary>Below 0 if it comes before the other one in the order of the code points, above 0 if after it.</summary>
    public readonly int CompareTo(Text16 other) => Utf8.SequenceCompareTo(other.Utf8);

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

    static Text16 IParsable<Text16>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static Text16 ISpanParsable<Text16>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static Text16 IUtf8SpanParsable<Text16>.Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => Parse(utf8Text);

    static bool IParsable<Text16>.TryParse(string? s, IFormatProvider? provider, out Text16 result) =>
        TryParse(s, out result);

    static bool ISpanParsable<Text16>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Text16 result) =>
        TryParse(s, out result);

    static bool IUtf8SpanParsable<Text16>.TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out Text16 result) =>
        TryParse(utf8Text, out result);

    readonly bool ISpanFormattable.TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    readonly bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(utf8Destination, out bytesWritten);

    readonly string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
