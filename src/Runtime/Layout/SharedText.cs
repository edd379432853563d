using System.Buffers;
using System.Text;

namespace TypedShm;

/// <summary>
/// UTF-8 text in a field of fixed size, NUL-terminated in memory, so that a field of N bytes holds N - 1 bytes of text.
/// Live: a reader that looks while a writer writes may see a mixture of old and new, but never anything beyond the field.
/// </summary>
/// <param name="bytes">The bytes of the field.</param>
public readonly ref struct SharedText(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <summary>The most bytes of UTF-8 that the field can hold.</summary>
    public int Capacity => _bytes.Length - 1;

    /// <summary>The bytes of the text in place, without the terminating NUL.</summary>
    public ReadOnlySpan<byte> Utf8 => Utf8Text.UpToNul(_bytes);

    /// <summary>Replaces the text.</summary>
    /// <exception cref="ArgumentException">
    /// The text needs more than <see cref="Capacity"/> bytes or contains a NUL; the field is unchanged.
    /// </exception>
    public void Set(ReadOnlySpan<char> text) => Utf8Text.Set(_bytes, text);

    /// <summary>Replaces the text by as much of <paramref name="text"/> as fits, cut between two runes, before the first NUL.</summary>
    /// <returns><see langword="true"/> if the whole text fitted.</returns>
    public bool TrySet(ReadOnlySpan<char> text) => Utf8Text.TrySet(_bytes, text);

    /// <summary>Returns a copy of the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Utf8Text.ToString(_bytes);

    /// <summary>The same text, to be read only.</summary>
    public static implicit operator ReadOnlySharedText(SharedText text) => new(text._bytes);

    /// <inheritdoc cref="ReadOnlySharedText.op_Implicit(ReadOnlySharedText)"/>
    public static implicit operator ReadOnlySpan<char>(SharedText text) => text.ToString();
}

/// <summary>UTF-8 text in a field of a peer. See <see cref="SharedText"/>.</summary>
/// <param name="bytes">The bytes of the field.</param>
public readonly ref struct ReadOnlySharedText(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The most bytes of UTF-8 that the field can hold.</summary>
    public int Capacity => _bytes.Length - 1;

    /// <summary>The bytes of the text in place, without the terminating NUL. They may change while they are looked at.</summary>
    public ReadOnlySpan<byte> Utf8 => Utf8Text.UpToNul(_bytes);

    /// <summary>Returns a copy of the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Utf8Text.ToString(_bytes);

    /// <summary>As <see cref="ToString"/>, so that a text can stand in an interpolated string: <c>$"{view.Unit}"</c>.</summary>
    public static implicit operator ReadOnlySpan<char>(ReadOnlySharedText text) => text.ToString();
}

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

    public static void Set(Span<byte> field, ReadOnlySpan<char> text)
    {
        int needed = Encoding.UTF8.GetByteCount(text);
        if (needed > field.Length - 1)
            throw new ArgumentException($"The text needs {needed} bytes of UTF-8, but the field holds {field.Length - 1}. Shorten it, use TrySet to cut it, or give the field a larger type.", nameof(text));
        if (text.Contains('\0'))
            throw new ArgumentException($"The text contains a NUL character at index {text.IndexOf('\0')}, but NUL ends the text in shared memory. Remove it.", nameof(text));

        // Bytes after the text are cleared too, so that nothing of a longer predecessor stays readable.
        int written = Encoding.UTF8.GetBytes(text, field);
        field[written..].Clear();
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
}
