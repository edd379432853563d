using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace TypedShm;

internal static class Utf8Text
{
    private const int StackLimit = 512;

    public static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    // Decodes a private copy: the decoder reads its input twice (once to count), and a peer may change it in between.
    public static string ToString(ReadOnlySpan<byte> field)
    {
        byte[]? rented = null;
        Span<byte> copy = field.Length <= StackLimit
            ? stackalloc byte[StackLimit]
            : rented = ArrayPool<byte>.Shared.Rent(field.Length);
        copy = copy[..field.Length];
        field.CopyTo(copy);
        string text = Encoding.UTF8.GetString(UpToNul(copy));
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    /// <summary>Whether they are the same text, where bytes that are not UTF-8 count as U+FFFD, as in a string.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text)
    {
        while (!utf8.IsEmpty && !text.IsEmpty)
        {
            Rune.DecodeFromUtf8(utf8, out Rune ours, out int bytes);
            if (Rune.DecodeFromUtf16(text, out Rune theirs, out int chars) != OperationStatus.Done || ours != theirs)
                return false;
            utf8 = utf8[bytes..];
            text = text[chars..];
        }

        return utf8.IsEmpty && text.IsEmpty;
    }

    public static int HashCodeOf(ReadOnlySpan<byte> utf8)
    {
        HashCode hash = default;
        hash.AddBytes(utf8);
        return hash.ToHashCode();
    }

    public static bool TryFormat(ReadOnlySpan<byte> utf8, Span<char> destination, out int charsWritten)
    {
        bool fits = Utf8.ToUtf16(utf8, destination, out _, out charsWritten) == OperationStatus.Done;
        if (!fits)
            charsWritten = 0;
        return fits;
    }

    public static bool TryFormat(ReadOnlySpan<byte> utf8, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        int used = 0;
        while (!utf8.IsEmpty)
        {
            // What is not UTF-8 is decoded as U+FFFD.
            Rune.DecodeFromUtf8(utf8, out Rune rune, out int consumed);
            if (!rune.TryEncodeToUtf8(destination[used..], out int written))
                return false;
            used += written;
            utf8 = utf8[consumed..];
        }

        bytesWritten = used;
        return true;
    }

    public static TText Parse<TText>(ReadOnlySpan<char> text)
        where TText : unmanaged
    {
        TText value = default;
        return WhyNotSet(BytesOf(ref value), text) is { } error ? throw new FormatException(error) : value;
    }

    public static TText Parse<TText>(ReadOnlySpan<byte> utf8)
        where TText : unmanaged
    {
        TText value = default;
        return WhyNotSet(BytesOf(ref value), utf8) is { } error ? throw new FormatException(error) : value;
    }

    public static bool TryParse<TText>(ReadOnlySpan<char> text, out TText value)
        where TText : unmanaged
    {
        value = default;
        return WhyNotSet(BytesOf(ref value), text) is null;
    }

    public static bool TryParse<TText>(ReadOnlySpan<byte> utf8, out TText value)
        where TText : unmanaged
    {
        value = default;
        return WhyNotSet(BytesOf(ref value), utf8) is null;
    }

    /// <summary>The whole field of a text type.</summary>
    public static Span<byte> BytesOf<TText>(ref TText value)
        where TText : unmanaged => MemoryMarshal.AsBytes(new Span<TText>(ref value));

    public static void Set(Span<byte> field, ReadOnlySpan<char> text)
    {
        if (WhyNotSet(field, text) is { } error)
            throw new ArgumentException(error, nameof(text));
    }

    public static void Set(Span<byte> field, ReadOnlySpan<byte> utf8)
    {
        if (WhyNotSet(field, utf8) is { } error)
            throw new ArgumentException(error, nameof(utf8));
    }

    /// <summary>Replaces the text of a field.</summary>
    /// <returns>Null, or why it cannot be; then the field is unchanged.</returns>
    public static string? WhyNotSet(Span<byte> field, ReadOnlySpan<char> text)
    {
        int needed = Encoding.UTF8.GetByteCount(text);
        if (needed > field.Length - 1)
            return TooLong(field, needed);
        if (text.IndexOf('\0') is >= 0 and int index)
            return $"The text contains a NUL character at index {index}, but NUL ends the text in shared memory. Remove it.";

        // Bytes after the text are cleared too, so that nothing of a longer predecessor stays readable.
        int written = Encoding.UTF8.GetBytes(text, field);
        field[written..].Clear();
        return null;
    }

    /// <inheritdoc cref="WhyNotSet(Span{byte}, ReadOnlySpan{char})"/>
    public static string? WhyNotSet(Span<byte> field, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > field.Length - 1)
            return TooLong(field, utf8.Length);
        if (utf8.IndexOf((byte)0) is >= 0 and int index)
            return $"The text contains a NUL at byte {index}, but NUL ends the text in shared memory. Remove it.";
        if (!Utf8.IsValid(utf8))
            return "The text is not valid UTF-8.";

        utf8.CopyTo(field);
        field[utf8.Length..].Clear();
        return null;
    }

    public static bool TrySet(Span<byte> field, ReadOnlySpan<char> text)
    {
        int nul = text.IndexOf('\0');
        bool whole = nul < 0;
        if (!whole)
            text = text[..nul];

        int used = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > field.Length - 1)
            {
                whole = false;
                break;
            }

            used += rune.EncodeToUtf8(field[used..]);
        }

        field[used..].Clear();
        return whole;
    }

    private static string TooLong(Span<byte> field, int needed) =>
        $"The text needs {needed} bytes of UTF-8, but the field holds {field.Length - 1}. Shorten it, use TrySet to cut it, or give "
            + "the field a larger type.";
}
