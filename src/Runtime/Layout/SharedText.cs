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

    /// <summary>Replaces the text by a UTF-8 one.</summary>
    /// <exception cref="ArgumentException">
    /// The text needs more than <see cref="Capacity"/> bytes, contains a NUL, or is not UTF-8; the field is unchanged.
    /// </exception>
    public void Set(ReadOnlySpan<byte> utf8) => Utf8Text.Set(_bytes, utf8);

    /// <summary>Replaces the text by as much of <paramref name="text"/> as fits, cut between two runes, before the first NUL.</summary>
    /// <returns><see langword="true"/> if the whole text fitted.</returns>
    public bool TrySet(ReadOnlySpan<char> text) => Utf8Text.TrySet(_bytes, text);

    /// <summary>Whether it is this text, of any length. Does not allocate.</summary>
    public bool Equals(ReadOnlySpan<char> text) => Utf8Text.AreEqual(Utf8, text);

    /// <summary>Whether it is this UTF-8 text, of any length, byte by byte.</summary>
    public bool Equals(ReadOnlySpan<byte> utf8) => Utf8.SequenceEqual(utf8);

    /// <summary>Writes the text as UTF-16, without allocating; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public bool TryFormat(Span<char> destination, out int charsWritten) => Utf8Text.TryFormat(Utf8, destination, out charsWritten);

    /// <summary>Writes the text as UTF-8, without allocating; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten) => Utf8Text.TryFormat(Utf8, utf8Destination, out bytesWritten);

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

    /// <summary>Whether it is this text, of any length. Does not allocate.</summary>
    public bool Equals(ReadOnlySpan<char> text) => Utf8Text.AreEqual(Utf8, text);

    /// <summary>Whether it is this UTF-8 text, of any length, byte by byte.</summary>
    public bool Equals(ReadOnlySpan<byte> utf8) => Utf8.SequenceEqual(utf8);

    /// <summary>Writes the text as UTF-16, without allocating; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public bool TryFormat(Span<char> destination, out int charsWritten) => Utf8Text.TryFormat(Utf8, destination, out charsWritten);

    /// <summary>Writes the text as UTF-8, without allocating; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <returns><see langword="false"/> if it does not fit.</returns>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten) => Utf8Text.TryFormat(Utf8, utf8Destination, out bytesWritten);

    /// <summary>Returns a copy of the text; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Utf8Text.ToString(_bytes);

    /// <summary>As <see cref="ToString"/>, so that a text can stand in an interpolated string: <c>$"{view.Unit}"</c>.</summary>
    public static implicit operator ReadOnlySpan<char>(ReadOnlySharedText text) => text.ToString();
}
