namespace TypedShm.Tests;

public sealed class UntrustedTextTests
{
    [Theory]
    [InlineData("plain, ä, 漢, 👩‍🚀", "plain, ä, 漢, 👩‍🚀")]
    [InlineData("one\nERROR two\r\nthree\tfour\u0085five\u2028six\u2029", "one ERROR two  three four five six ")]
    [InlineData("\u001b[31mred\0\u0007\u009b", "?[31mred???")]
    [InlineData("a\u202Egpj.exe\u2066\u200F\uFEFF", "a?gpj.exe???")]
    public void It_is_one_line_of_visible_text(string text, string shown) => Assert.Equal(shown, UntrustedText.Of(text, 100));

    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcde", 4, "abc…")]
    [InlineData("ab👍👍", 6, "ab👍👍")]
    [InlineData("ab👍👍", 5, "ab👍…")]
    [InlineData("ab👍👍", 4, "ab…")]
    [InlineData("", 4, "")]
    public void It_is_cut_between_two_runes(string text, int most, string shown) => Assert.Equal(shown, UntrustedText.Of(text, most));

    [Fact]
    public void Half_a_rune_becomes_a_replacement_character() => Assert.Equal("half\uFFFD", UntrustedText.Of("half\uD83D", 100));

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters() =>
        Assert.Equal("a\uFFFD\uFFFDb", UntrustedText.Of([(byte)'a', 0xFF, 0xC3, (byte)'b'], 100));
}
