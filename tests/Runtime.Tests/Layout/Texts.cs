using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

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

    [Fact]
    public void Texts_are_equal_whatever_stands_after_the_NUL()
    {
        Text16 left = "tick";
        Text16 right = "tick";
        MemoryMarshal.AsBytes(new Span<Text16>(ref right))[9] = 7;

        Assert.True(left == right);
        Assert.False(left != right);
        Assert.True(left.Equals((object)right));
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
        Assert.Equal(0, left.CompareTo(right));
        Assert.Single(new HashSet<Text16> { left, right });
        Assert.False(left == (Text16)"tock");
        Assert.False(left.Equals(new object()));
    }

    [Theory]
    [InlineData("", "a")]
    [InlineData("a", "ab")]
    [InlineData("Z", "a")]
    [InlineData("\uFFFD", "\U0001F600")]
    public void The_order_is_that_of_the_code_points(string first, string second)
    {
        Assert.True(((Text16)first).CompareTo(second) < 0);
        Assert.True(((Text16)second).CompareTo(first) > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rev/min")]
    [InlineData("\u00E9\u20AC\U0001F600")]
    public void A_text_is_compared_with_strings_spans_and_bytes_and_written_to_either(string text)
    {
        Text32 value = text;
        Assert.True(value == text);
        Assert.True(value != text + "x");
        Assert.False(value == null);
        Assert.True(value.Equals(text.AsSpan()));
        Assert.True(value.Equals(Encoding.UTF8.GetBytes(text)));
        Assert.False(value.Equals("x" + text));
        Assert.False(value == new string('y', 100));

        Span<char> chars = stackalloc char[32];
        Assert.True(value.TryFormat(chars, out int charsWritten));
        Assert.Equal(text, chars[..charsWritten].ToString());
        Span<byte> bytes = stackalloc byte[32];
        Assert.True(value.TryFormat(bytes, out int bytesWritten));
        Assert.Equal(text, Encoding.UTF8.GetString(bytes[..bytesWritten]));
        Assert.Equal(text, $"{value}");

        SharedText live = new(MemoryMarshal.AsBytes(new Span<Text32>(ref value)));
        ReadOnlySharedText readOnly = live;
        Assert.True(live.Equals(text));
        Assert.True(readOnly.Equals(text));
        Assert.True(readOnly.Equals(Encoding.UTF8.GetBytes(text)));
        Assert.True(readOnly.TryFormat(chars, out charsWritten));
        Assert.Equal(text, chars[..charsWritten].ToString());
        live.Set("other"u8);
        Assert.True(live.Equals("other"));
    }

    [Fact]
    public void What_is_no_UTF_8_is_the_same_as_in_a_string()
    {
        Text16 value = default;
        ((ReadOnlySpan<byte>)[0x61, 0xC3, 0xFF, 0x62]).CopyTo(MemoryMarshal.AsBytes(new Span<Text16>(ref value)));
        string text = value.ToString();
        Assert.Equal("a\uFFFD\uFFFDb", text);
        Assert.True(value == text);
        Span<char> chars = stackalloc char[16];
        Assert.True(value.TryFormat(chars, out int written));
        Assert.Equal(text, chars[..written].ToString());
        Span<byte> bytes = stackalloc byte[16];
        Assert.True(value.TryFormat(bytes, out written));
        Assert.Equal(text, Encoding.UTF8.GetString(bytes[..written]));
        Assert.Throws<ArgumentException>(() => new SharedText(new byte[16]).Set([0xC3, 0xFF]));
    }

    [Fact]
    public void A_destination_that_is_too_short_gets_nothing()
    {
        Text16 value = "\u20ACx";
        Assert.False(value.TryFormat(new char[1], out int charsWritten));
        Assert.Equal(0, charsWritten);
        Assert.False(value.TryFormat(new byte[3], out int bytesWritten));
        Assert.Equal(0, bytesWritten);
    }

    [Fact]
    public void Texts_are_parsed_if_they_fit()
    {
        Assert.Equal("abc", Text16.Parse("abc").ToString());
        Assert.Equal("abc", Text16.Parse("abc"u8).ToString());
        Assert.Equal("abc", Generic<Text16>("abc").ToString());
        Assert.True(Text16.TryParse("123456789012345", out Text16 value));
        Assert.Equal("123456789012345", value.ToString());
        Assert.False(Text16.TryParse("1234567890123456", out value));
        Assert.Equal(default, value);
        Assert.False(Text16.TryParse("a\0b", out _));
        Assert.False(Text16.TryParse((string?)null, out _));
        Assert.False(Text16.TryParse([0xFF], out _));
        FormatException error = Assert.Throws<FormatException>(() => Text16.Parse("1234567890123456"));
        Assert.Contains("16 bytes", error.Message, StringComparison.Ordinal);

        static T Generic<T>(string text)
            where T : ISpanParsable<T> => T.Parse(text, null);
    }

    [Fact]
    public void A_text_is_a_string_in_JSON_also_as_a_key()
    {
        Dictionary<Text16, Text32> map = new() { ["k\u00E9y"] = "value" };
        string json = JsonSerializer.Serialize(map);
        Assert.Equal("""{"k\u00E9y":"value"}""", json);
        Assert.Equal(map, JsonSerializer.Deserialize<Dictionary<Text16, Text32>>(json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Text16>("\"1234567890123456\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Text16>("7"));
    }

    [Fact]
    public void Nothing_but_ToString_allocates()
    {
        Text32 value = "rev/min \u20AC";
        Text32 other = "rev/min";
        char[] chars = new char[32];
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            for (int i = 0; i < 100; i++)
            {
                _ = value == other;
                _ = value.Equals("rev/min \u20AC");
                _ = value.GetHashCode();
                _ = value.CompareTo(other);
                _ = value.TryFormat(chars, out int _);
                _ = Text32.TryParse("rev/min", out other);
            }
        }
    }
}
