using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>Up to 15 bytes of UTF-8 text, NUL-terminated, in a field of 16 bytes and alignment 1. In a generated view it is a <see cref="SharedText"/>.</summary>
[InlineArray(16)]
public struct Text16
{
    private byte _first;

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 15 bytes or contains a NUL.</exception>
    public static implicit operator Text16(string text)
    {
        Text16 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);
}

/// <summary>Up to 31 bytes of UTF-8 text, NUL-terminated, in a field of 32 bytes and alignment 1. In a generated view it is a <see cref="SharedText"/>.</summary>
[InlineArray(32)]
public struct Text32
{
    private byte _first;

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 31 bytes or contains a NUL.</exception>
    public static implicit operator Text32(string text)
    {
        Text32 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);
}

/// <summary>Up to 63 bytes of UTF-8 text, NUL-terminated, in a field of 64 bytes and alignment 1. In a generated view it is a <see cref="SharedText"/>.</summary>
[InlineArray(64)]
public struct Text64
{
    private byte _first;

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 63 bytes or contains a NUL.</exception>
    public static implicit operator Text64(string text)
    {
        Text64 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);
}

/// <summary>Up to 127 bytes of UTF-8 text, NUL-terminated, in a field of 128 bytes and alignment 1. In a generated view it is a <see cref="SharedText"/>.</summary>
[InlineArray(128)]
public struct Text128
{
    private byte _first;

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 127 bytes or contains a NUL.</exception>
    public static implicit operator Text128(string text)
    {
        Text128 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);
}

/// <summary>Up to 255 bytes of UTF-8 text, NUL-terminated, in a field of 256 bytes and alignment 1. In a generated view it is a <see cref="SharedText"/>.</summary>
[InlineArray(256)]
public struct Text256
{
    private byte _first;

    /// <summary>Makes the field's value from a text.</summary>
    /// <exception cref="ArgumentException">The text needs more than 255 bytes or contains a NUL.</exception>
    public static implicit operator Text256(string text)
    {
        Text256 value = default;
        Utf8Text.Set(value, text);
        return value;
    }

    /// <summary>Returns the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly override string ToString() => Utf8Text.ToString(this);
}
