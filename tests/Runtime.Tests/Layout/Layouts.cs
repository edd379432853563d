using System.Text;

namespace TypedShm.Tests.Layout;

/// <summary>Layouts as data: JSON that is not trusted, fingerprints, differences.</summary>
public sealed class Layouts
{
    private const string Example = """
        {"name":"Telemetry","size":80,"alignment":8,"fields":[
          {"name":"Tick","kind":"int64","offset":0,"size":8},
          {"name":"Position","kind":"vector3","offset":16,"size":12},
          {"name":"Faults","kind":"int32","offset":28,"size":4,"atomic":true},
          {"name":"Unit","kind":"text","offset":32,"size":32},
          {"name":"Cores","kind":"struct","offset":64,"size":8,"length":2,"fields":[
            {"name":"User","kind":"uint32","offset":0,"size":4},
            {"name":"Idle","kind":"uint32","offset":4,"size":4}]}]}
        """;

    [Fact]
    public void The_example_of_the_format_is_read_as_it_is_meant()
    {
        LayoutDescriptor layout = Parse(Example);

        Assert.Equal(("Telemetry", 80, 8, 5), (layout.Name, layout.Size, layout.Alignment, layout.Fields.Count));
        LayoutField cores = layout.Fields[4];
        Assert.Equal(("Cores", "struct", 64, 8, (int?)2, false, 2),
            (cores.Name, cores.Kind, cores.Offset, cores.Size, cores.Length, cores.IsAtomic, cores.Fields.Count));
        Assert.True(layout.Fields[2].IsAtomic);
        Assert.Null(layout.Fields[0].Length);
    }

    [Fact]
    public void The_fingerprint_is_that_of_the_text_in_the_format()
    {
        const string Canonical = """
            typedshm 1 80 8
            Tick int64 0 8 0 -
            Position vector3 16 12 0 -
            Faults int32 28 4 0 atomic
            Unit text 32 32 0 -
            Cores struct 64 8 2 -
            Cores.User uint32 0 4 0 -
            Cores.Idle uint32 4 4 0 -

            """;
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(Canonical))
            hash = unchecked((hash ^ b) * 1099511628211);

        Assert.Equal(hash, Parse(Example).Fingerprint);
    }

    [Theory]
    [InlineData("\"Tick\"", "\"Tock\"")]
    [InlineData("\"int64\"", "\"uint64\"")]
    [InlineData("\"offset\":16", "\"offset\":12")]
    [InlineData("\"size\":32", "\"size\":24")]
    [InlineData("\"length\":2", "\"length\":1")]
    [InlineData(",\"atomic\":true", "")]
    [InlineData("\"size\":80", "\"size\":88")]
    [InlineData("\"alignment\":8", "\"alignment\":4")]
    [InlineData("\"User\"", "\"Used\"")]
    public void Every_property_of_a_field_changes_the_fingerprint(string old, string by)
    {
        Assert.Contains(old, Example, StringComparison.Ordinal);
        Assert.NotEqual(Parse(Example).Fingerprint, Parse(Example.Replace(old, by, StringComparison.Ordinal)).Fingerprint);
    }

    [Fact]
    public void The_name_of_the_struct_does_not_change_the_fingerprint() =>
        Assert.Equal(Parse(Example).Fingerprint,
            Parse(Example.Replace("\"Telemetry\"", "\"Engine\"", StringComparison.Ordinal)).Fingerprint);

    [Fact]
    public void What_the_generator_computed_is_what_the_runtime_computes()
    {
        Same<Telemetry>();
        Same<Sensor>();
        Same<TestPeer.Swapped.Telemetry>();

        static unsafe void Same<T>()
            where T : unmanaged, ISharedLayout<T>
        {
            Assert.Equal(T.Fingerprint, LayoutDescriptor.Of<T>().Fingerprint);
            Assert.Equal((T.Size, T.Alignment), (LayoutDescriptor.Of<T>().Size, LayoutDescriptor.Of<T>().Alignment));
            Assert.Equal(T.Size, sizeof(T));
            Assert.True(CheckedLayout.Agrees<T>());
        }
    }

    public static TheoryData<string> Malformed =>
    [
        "",
        " ",
        "null",
        "[]",
        "7",
        "{",
        "{}",
        "{\"name\":\"A\"}",
        Minimal("{\"name\":\"X\"}"),
        Minimal("null"),
        Minimal("7"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":0}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":-4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":-1,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":5,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":9}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4,\"length\":0}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4,\"length\":3}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":2147483647,\"size\":2147483647,\"length\":2147483647}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":2147483648}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0.5,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":1e99,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":\"0\",\"size\":4}"),
        Minimal("{\"name\":7,\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":null,\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"A B\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"A\\u001b[31m\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"A\\n\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"A\\u202e\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"in t\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4,\"atomic\":1}"),
        Minimal("{\"name\":\"X\",\"kind\":\"int64\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"bool\",\"offset\":0,\"size\":2}"),
        Minimal("{\"name\":\"X\",\"kind\":\"vector3\",\"offset\":0,\"size\":8,\"length\":1}"),
        Minimal("{\"name\":\"X\",\"kind\":\"struct\",\"offset\":0,\"size\":4}"),
        Minimal("{\"name\":\"X\",\"kind\":\"struct\",\"offset\":0,\"size\":4,\"fields\":7}"),
        Minimal("{\"name\":\"X\",\"kind\":\"struct\",\"offset\":0,\"size\":4,"
            + "\"fields\":[{\"name\":\"Y\",\"kind\":\"int64\",\"offset\":0,\"size\":8}]}"),
        Minimal("") + "x",
        Minimal("") + Minimal(""),
        "{\"name\":\"A\",\"size\":8,\"alignment\":3,\"fields\":[]}",
        "{\"name\":\"A\",\"size\":8,\"alignment\":0,\"fields\":[]}",
        "{\"name\":\"A\",\"size\":8,\"alignment\":8192,\"fields\":[]}",
        "{\"name\":\"A\",\"size\":0,\"alignment\":1,\"fields\":[]}",
        "{\"name\":\"A\",\"size\":8,\"alignment\":1,\"fields\":{}}",
        $"{{\"name\":\"{new string('A', 513)}\",\"size\":8,\"alignment\":1,\"fields\":[]}}",
        Minimal("") + new string(' ', LayoutDescriptor.MaxJsonLength),
        string.Concat(Enumerable.Repeat("[", 70)) + string.Concat(Enumerable.Repeat("]", 70)),
        Nested(40),
        "{\"name\":\"\\ud800\",\"size\":8,\"alignment\":1,\"fields\":[]}",
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_layout_that_is_malformed_or_impossible_is_a_FormatException(string json) =>
        Assert.Throws<FormatException>(() => Parse(json));

    [Fact]
    public void Paths_that_are_long_together_are_a_FormatException()
    {
        // Each of 30 fields has the paths of those around it before its own name.
        Assert.Equal(2, Parse(Nested(2)).Fields.Count);
        Assert.Contains("524288 characters together", Assert.Throws<FormatException>(() => Parse(Nested(3))).Message,
            StringComparison.Ordinal);

        static string Nested(int count)
        {
            string name = new('a', 500);
            string field = """{"name":"A","kind":"int64","offset":0,"size":8}""";
            for (int i = 1; i < 30; i++)
                field = $$"""{"name":"{{name}}","kind":"struct","offset":0,"size":8,"fields":[{{field}}]}""";
            IEnumerable<string> fields = Enumerable.Range(0, count)
                .Select(i => $$"""{"name":"F{{i}}","kind":"struct","offset":{{8 * i}},"size":8,"fields":[{{field}}]}""");
            return $$"""{"name":"T","size":{{8 * count}},"alignment":8,"fields":[{{string.Join(',', fields)}}]}""";
        }
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_a_FormatException()
    {
        byte[] json = Encoding.UTF8.GetBytes(Minimal("{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"));
        json[json.AsSpan().IndexOf((byte)'X')] = 0xFF;
        Assert.Throws<FormatException>(() => LayoutDescriptor.Parse(json));
    }

    /// <summary>What any byte of a good layout may become: still a layout, or a FormatException, but nothing else.</summary>
    [Fact]
    public void A_layout_with_any_byte_changed_is_a_layout_or_a_FormatException()
    {
        Random random = new(4711);
        byte[] good = Encoding.UTF8.GetBytes(Example);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                LayoutDescriptor.Parse(bad);
            }
            catch (FormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 19_999);
    }

    [Fact]
    public void Names_may_have_the_letters_of_all_languages()
    {
        LayoutDescriptor layout = Parse(Minimal("{\"name\":\"Größe_日本\\u0301\",\"kind\":\"int32\",\"offset\":0,\"size\":4}"));
        Assert.StartsWith("Größe_日本", layout.Fields[0].Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_shown_line_by_line()
    {
        LayoutDescriptor ours = Parse(Example);
        LayoutDescriptor theirs = Parse(Example
            .Replace("\"kind\":\"int32\",\"offset\":28,\"size\":4,\"atomic\":true", "\"kind\":\"float32\",\"offset\":28,\"size\":4",
                StringComparison.Ordinal)
            .Replace("\"size\":80", "\"size\":88", StringComparison.Ordinal));

        string[] lines = LayoutDiff.Describe(ours, theirs).TrimEnd('\n').Split('\n');

        Assert.Equal(1 + 7 + 1, lines.Length);
        Assert.Equal(["28", "total"],
            lines.Where(line => line[1] == '*').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
        Assert.Contains("Faults int32 (4 bytes, atomic)", lines[3], StringComparison.Ordinal);
        Assert.Contains("Faults float32 (4 bytes)", lines[3], StringComparison.Ordinal);
        Assert.Contains("Cores[].Idle uint32", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_only_one_side_has_stands_against_nothing()
    {
        LayoutDescriptor ours = Parse("{\"name\":\"A\",\"size\":8,\"alignment\":4,\"fields\":["
            + "{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4},{\"name\":\"Y\",\"kind\":\"int32\",\"offset\":4,\"size\":4}]}");
        LayoutDescriptor theirs =
            Parse("{\"name\":\"A\",\"size\":4,\"alignment\":4,\"fields\":[{\"name\":\"X\",\"kind\":\"int32\",\"offset\":0,\"size\":4}]}");

        Assert.Matches(@"(?m)^ \*\s+4  Y int32 \(4 bytes\)\s+-$", LayoutDiff.Describe(ours, theirs));
        Assert.Matches(@"(?m)^ \*\s+4  -\s+Y int32 \(4 bytes\)$", LayoutDiff.Describe(theirs, ours));
    }

    [Fact]
    public void However_long_the_layouts_are_the_message_has_an_end()
    {
        string fields = string.Join(
            ',', Enumerable.Range(0, 1_500).Select(i => $"{{\"name\":\"F{i}\",\"kind\":\"uint8\",\"offset\":{i},\"size\":1}}"));
        LayoutDescriptor many = Parse($"{{\"name\":\"A\",\"size\":4000,\"alignment\":1,\"fields\":[{fields}]}}");

        string message = LayoutDiff.Describe(many, Parse(Example));

        Assert.Contains("more", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 1_000, 100_000);
    }

    [Fact]
    public void No_two_control_words_share_a_pair_of_cache_lines()
    {
        int[] offsets = [ControlWords.HeadOffset, ControlWords.DeliveredOffset, ControlWords.ParkedOffset, ControlWords.DoorbellOffset,
            ControlWords.ClosedOffset, ControlWords.CutOffset];
        foreach (int one in offsets)
        {
            Assert.All(offsets.Where(other => other != one), other => Assert.InRange(Math.Abs(one - other), 128, int.MaxValue));
            Assert.InRange(one, 0, ControlWords.Length - 8);
        }

        // What the format promises to clients in other languages.
        Assert.Equal([0, 128, 256, 384, 512, 640], offsets);
        using ControlWords words = ControlWords.Create("words");
        Assert.Equal(0, words.Region.Header.ControlOffset % 128);
        unsafe
        {
            nint start = words.Region.Address + (nint)words.Region.Header.ControlOffset;
            Assert.Equal(start + 384, (nint)words.Doorbell);
            Assert.Equal(1u, *words.Doorbell);
            *words.Parked = 5;
            words.Closed = 6;
            Assert.Equal(5u, *(uint*)(start + 256));
            Assert.Equal(6u, *(uint*)(start + 512));
        }
    }

    private static LayoutDescriptor Parse(string json) => LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(json));

    private static string Minimal(string field) => $"{{\"name\":\"A\",\"size\":8,\"alignment\":4,\"fields\":[{field}]}}";

    private static string Nested(int depth) => depth == 0
        ? Minimal("")
        : Minimal(
            string.Concat(Enumerable.Repeat("{\"name\":\"X\",\"kind\":\"struct\",\"offset\":0,\"size\":8,\"fields\":[", depth))
            + string.Concat(Enumerable.Repeat("]}", depth)));

    /// <summary>A peer chooses its names, and 400 rows of the longest paths would be megabytes of message.</summary>
    [Fact]
    public void Long_paths_are_cut_in_messages_at_both_sides()
    {
        LayoutDescriptor ours = LayoutDescriptor.Parse(Nested(depth: 20, leaf: "First"));
        LayoutDescriptor theirs = LayoutDescriptor.Parse(Nested(depth: 20, leaf: "Other"));

        string message = new LayoutMismatchException("engine", "a peer", ours, theirs).Message;

        Assert.All(message.Split('\n'), line => Assert.True(line.Length < 300, line));
        Assert.Contains("First int32", message, StringComparison.Ordinal);
        Assert.Contains("Other int32", message, StringComparison.Ordinal);
    }

    private static byte[] Nested(int depth, string leaf)
    {
        string fields = $$"""[{"name":"{{leaf}}","kind":"int32","offset":0,"size":4}]""";
        for (int i = 0; i < depth; i++)
            fields = $$"""[{"name":"{{new string('N', 100)}}","kind":"struct","offset":0,"size":4,"fields":{{fields}}}]""";
        return System.Text.Encoding.UTF8.GetBytes($$"""{"name":"Deep","size":4,"alignment":4,"fields":{{fields}}}""");
    }
}
