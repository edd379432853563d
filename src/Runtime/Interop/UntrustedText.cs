using System.Globalization;
using System.Text;

namespace TypedShm.Interop;

/// <summary>
/// Makes text of a peer safe to show: on a terminal, in a log with one entry a line, in a message of ours.
/// </summary>
internal static class UntrustedText
{
    private const char Cut = '…';

    /// <summary>Decodes UTF-8 of a peer, see <see cref="Of(string, int)"/>. Bytes that are none become U+FFFD.</summary>
    /// <param name="utf8">The bytes. They may stand in shared memory: they are copied before they are looked at.</param>
    /// <param name="most">The most characters of the result.</param>
    public static string Of(ReadOnlySpan<byte> utf8, int most) => Of(Encoding.UTF8.GetString(utf8.ToArray()), most);

    /// <summary>
    /// Replaces what would end a line by a space, other control characters and those that change the direction of writing by question
    /// marks, and lone surrogates by U+FFFD. Cuts what is too long, between two runes, and marks the cut.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most characters of the result, the mark of a cut included.</param>
    public static string Of(string text, int most)
    {
        StringBuilder safe = new(Math.Min(text.Length, most));
        int room = text.Length > most ? most - 1 : most;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (safe.Length + rune.Utf16SequenceLength > room)
                break;
            safe.Append(Safe(rune));
        }

        return text.Length > most ? safe.Append(Cut).ToString() : safe.ToString();
    }

    private static string Safe(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => " ",
        UnicodeCategory.Control => rune.Value is '\n' or '\r' or '\t' or 0x85 ? " " : "?",
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D ? rune.ToString() : "?", // Joiners are part of words and emoji.
        _ => rune.ToString(),
    };
}
