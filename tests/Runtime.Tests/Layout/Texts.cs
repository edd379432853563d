using System.Text;

namespace TypedShm.Tests.Layout;

/// <summary>UTF-8 text in fields of fixed size.</summary>
public sealed class Texts
{
    [Fact]
    public void A_text_of_the_greatest_length_fits_and_is_ended_by_NUL()
    {
        byte[] field = new byte[16];
        new SharedText(field).Set("123456789012345");

        Assert.Equal("123456789012345", new ReadOnlySharedText(field).ToString());
        Assert.Equal(15, new SharedText(field).Capacity);
        Assert.Equal(0, field[15]);
    }

    [Fact]
    public void A_text_that_is_too_long_is_refused_and_changes_nothing()
    {
        byte[] field = new byte[16];
        new SharedText(field).Set("before");

        ArgumentException error = Assert.Throws<ArgumentException>(() => new SharedText(field).Set("1234567890123456"));

        Assert.Contains("16", error.Message, StringComparison.Ordinal);
        Assert.Contains("15", error.Message, StringComparison.Ordinal);
        Assert.Equal("before", new SharedText(field).ToString());
        Assert.Throws<ArgumentException>(() => new SharedText(field).Set("\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC")); // 6 characters, 18 bytes
        Assert.Equal("before", new SharedText(field).ToString());
    }

    [Fact]
    public void A_text_with_a_NUL_is_refused_and_changes_nothing()
    {
        byte[] field = new byte[16];
        new SharedText(field).Set("before");

        Assert.Throws<ArgumentException>(() => new SharedText(field).Set("a\0b"));

        Assert.Equal("before", new SharedText(field).ToString());
    }

    [Fact]
    public void A_shorter_text_leaves_nothing_of_a_longer_one()
    {
        byte[] field = new byte[16];
        new SharedText(field).Set("a long secret");

        new SharedText(field).Set("x");

        Assert.Equal((byte)'x', field[0]);
        Assert.DoesNotContain(field[1..], b => b != 0);
        new SharedText(field).Set("a long secret");
        Assert.True(new SharedText(field).TrySet("y"));
        Assert.DoesNotContain(field[1..], b => b != 0);
    }

    [Fact]
    public void A_text_stands_in_an_interpolated_string()
    {
        Text16 field = default;
        SharedText text = new(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<Text16>(ref field)));
        text.Set("é");
        ReadOnlySharedText readOnly = text;
        Assert.Equal("é, é", $"{text}, {readOnly}");
    }

    [Theory]
    [InlineData("fits", true, "fits")]
    [InlineData("", true, "")]
    [InlineData("123456789012345", true, "123456789012345")]
    [InlineData("1234567890123456", false, "123456789012345")]
    [InlineData("12345678901234\u00E9", false, "12345678901234")]
    [InlineData("1234567890123\u20AC", false, "1234567890123")]
    [InlineData("123456789012\U0001F600", false, "123456789012")]
    [InlineData("12345678901\U0001F600", true, "12345678901\U0001F600")]
    [InlineData("12345678901\U0001F600x", false, "12345678901\U0001F600")]
    [InlineData("a\0b", false, "a")]
    public void TrySet_cuts_between_two_runes(string text, bool whole, string result)
    {
        byte[] field = new byte[16];
        field.AsSpan().Fill((byte)'#');

        Assert.Equal(whole, new SharedText(field).TrySet(text));

        Assert.Equal(result, new SharedText(field).ToString());
        Assert.Equal(0, field[15]);
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character()
    {
        byte[] field = new byte[16];
        Assert.True(new SharedText(field).TrySet("a\uD800b"));
        Assert.Equal("a\uFFFDb", new SharedText(field).ToString());
        new SharedText(field).Set("c\uDC00");
        Assert.Equal("c\uFFFD", new SharedText(field).ToString());
    }

    [Fact]
    public void Hostile_bytes_are_read_without_leaving_the_field()
    {
        byte[] around = new byte[48];
        around.AsSpan().Fill((byte)'#');
        Span<byte> field = around.AsSpan(16, 16);

        field.Fill((byte)'x'); // no NUL at all
        Assert.Equal(new string('x', 16), new ReadOnlySharedText(field).ToString());
        Assert.Equal(16, new ReadOnlySharedText(field).Utf8.Length);

        field.Fill(0xFF);
        Assert.Equal(new string('\uFFFD', 16), new ReadOnlySharedText(field).ToString());

        field.Clear();
        "ab\xC3"u8[..2].CopyTo(field);
        field[2] = 0xC3; // the first half of a character, then the end
        Assert.Equal("ab\uFFFD", new ReadOnlySharedText(field).ToString());
        Assert.DoesNotContain(around[..16].Concat(around[32..]), b => b != (byte)'#');
    }

    [Fact]
    public void A_field_longer_than_the_stack_buffer_is_read_too()
    {
        byte[] field = new byte[2_000];
        string text = new('\u00E9', 999);
        new SharedText(field).Set(text);
        Assert.Equal(text, new ReadOnlySharedText(field).ToString());
    }

    [Fact]
    public void The_ready_made_types_hold_what_their_names_say()
    {
        Check(16, (Text16)new string('x', 15), text => (Text16)text);
        Check(32, (Text32)new string('x', 31), text => (Text32)text);
        Check(64, (Text64)new string('x', 63), text => (Text64)text);
        Check(128, (Text128)new string('x', 127), text => (Text128)text);
        Check(256, (Text256)new string('x', 255), text => (Text256)text);

        static unsafe void Check<T>(int size, T full, Func<string, T> convert)
            where T : unmanaged
        {
            Assert.Equal(size, sizeof(T));
            Assert.Equal(new string('x', size - 1), full.ToString());
            Assert.Throws<ArgumentException>(() => convert(new string('x', size)));
            Assert.Equal("", default(T).ToString());
        }
    }

    [Fact]
    public void Utf8_shows_the_bytes_in_place()
    {
        byte[] field = new byte[16];
        SharedText text = new(field);
        text.Set("a\u00E9");
        Assert.Equal(Encoding.UTF8.GetBytes("a\u00E9"), text.Utf8.ToArray());
        field[0] = (byte)'b';
        Assert.Equal((byte)'b', text.Utf8[0]);
    }
}
