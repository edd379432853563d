using System.Text.Json;
using PuppeteerSharp;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests.Pages;

/// <summary>
/// A recording as a reader of Arrow has it that has nothing of the one that wrote it, nor of .NET: the JavaScript one, in the browser.
/// </summary>
[Collection(nameof(Browser))]
public sealed class ForeignReaderTests(Browser browser)
{
    private static readonly string s_reader = Path.Combine(Command.Root, "tests/Tool.Tests/Pages/vendor/Arrow.es2015.min.js");

    // In the order of the struct, and as docs/tool.md has them.
    private static readonly string[] s_types =
    [
        "_received: Timestamp<NANOSECOND, UTC>", "_published: Timestamp<NANOSECOND, UTC>", "_sequence: Int64", "_lost: Int64",
        "Bool: Bool", "Int8: Int8", "Int16: Int16", "Int32: Int32", "Int64: Int64", "Int128: FixedSizeBinary[16]", "UInt8: Uint8",
        "UInt16: Uint16", "UInt32: Uint32", "UInt64: Uint64", "UInt128: FixedSizeBinary[16]", "Half: Float16", "Single: Float32",
        "Double: Float64", "Decimal: Utf8", "Char: Uint16", "Guid: FixedSizeBinary[16]", "Rune: Uint32", "Span: Duration<NANOSECOND>",
        "Date: Date32<DAY>", "Time: Time64<NANOSECOND>", "Index: Int32", "Range: FixedSizeList[2]<Int32>",
        "Complex: FixedSizeList[2]<Float64>", "Vector2: FixedSizeList[2]<Float32>", "Vector3: FixedSizeList[3]<Float32>",
        "Vector4: FixedSizeList[4]<Float32>", "Quaternion: FixedSizeList[4]<Float32>", "Plane: FixedSizeList[4]<Float32>",
        "Matrix3x2: FixedSizeList[6]<Float32>", "Matrix4x4: FixedSizeList[16]<Float32>", "Text: Utf8", "Colour: Uint64",
        "Inner: Struct<{Number:Int32, Name:Utf8}>", "Inners: FixedSizeList[2]<Struct<{Number:Int32, Name:Utf8}>>",
        "Numbers: FixedSizeList[5]<Int16>", "Atomic: Int32",
    ];

    // Schema, metadata and rows as JSON: what JSON's numbers cannot hold as text, bytes in hexadecimal; times as they are in the file: the
    // reader would make numbers of milliseconds of them.
    private const string Describe = """
        base64 => {
          const table = Arrow.tableFromIPC(Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)));
          const plain = value =>
            typeof value === "bigint" ? String(value)
            : value instanceof Uint8Array ? [...value].map(byte => byte.toString(16).padStart(2, "0")).join("")
            : ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value, plain)
            : value !== null && typeof value === "object" && !(value instanceof Date) ? members(value.toJSON())
            : value;
          const members = value =>
            Array.isArray(value) ? plain(value) : Object.fromEntries(Object.entries(value).map(([name, of]) => [name, plain(of)]));
          const times = name => table.getChild(name).data.flatMap(part => Array.from(part.values.slice(0, part.length), String));
          const { fields, metadata } = table.schema;
          return JSON.stringify({
            types: fields.map(field => `${field.name}: ${field.type}`),
            colours: fields.find(field => field.name === "Colour").metadata.get("typedshm.enum"),
            metadata: Object.fromEntries(metadata),
            received: times("_received"),
            published: times("_published"),
            rows: table.toArray().map(row => {
              const { _received, _published, ...rest } = row.toJSON();
              return members(rest);
            }),
          });
        }
        """;

    // How many rows, and the first of them that is no whole message, or before which others are neither there nor counted as lost.
    private const string Check = """
        base64 => {
          const table = Arrow.tableFromIPC(Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)));
          const columns = ["Number", "Twice", "Square", "Negative", "_sequence", "_lost"].map(name => table.getChild(name));
          let last = null;
          for (let row = 0; row < table.numRows; row++) {
            const [number, twice, square, negative, sequence, lost] = columns.map(column => column.get(row));
            if (twice !== 2n * number || square !== number * number || negative !== -number || sequence !== number - 1n
                || last !== null && number !== last + lost + 1n)
              return { rows: table.numRows, wrong: row };
            last = number;
          }
          return { rows: table.numRows, wrong: -1 };
        }
        """;

    // What the peer has published last: see Everything.Of.
    private const string ThirdRow = """
        {
          "_sequence": "2", "_lost": "0", "Bool": true, "Int8": -3, "Int16": -303, "Int32": -70003, "Int64": "-9223372036854775805",
          "Int128": "03000000000000000000000000000080", "UInt8": 203, "UInt16": 60003, "UInt32": 4000000003,
          "UInt64": "18446744073709551612", "UInt128": "fcffffffffffffffffffffffffffffff", "Half": 3.5, "Single": 3.125, "Double": 3.1,
          "Decimal": "-9228162517.123456780", "Char": 100, "Guid": "00000003000200030405060708090a0b", "Rune": 128515,
          "Span": "-123457000", "Date": -432000000, "Time": "86399000000300", "Index": -5, "Range": [1,-5], "Complex": [3,-0.5],
          "Vector2": [3.25,1], "Vector3": [3.25,1,2], "Vector4": [3.25,1,2,3], "Quaternion": [3.25,1,2,3], "Plane": [3.25,1,2,3],
          "Matrix3x2": [3.25,1,2,3,4,5], "Matrix4x4": [3.25,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15], "Text": "\"Zoë\", 3", "Colour": "0",
          "Inner": {"Number":3,"Name":"in 3"}, "Inners": [{"Number":3,"Name":"0"},{"Number":4,"Name":"1"}], "Numbers": [0,3,6,9,12],
          "Atomic": 3
        }
        """;

    [BrowserFact]
    public async Task Every_kind_of_field_has_the_type_that_the_page_says_and_its_values()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "everything");
        peer.Ask("3");
        string path = await Recordings.Of(name, 3);
        JsonElement layout = Assert.Single((await Command.Run("layout", name, "--json")).Objects);
        await using Tab tab = await Open();

        using JsonDocument read = JsonDocument.Parse(await tab.Page.EvaluateFunctionAsync<string>(Describe, await Base64(path)));

        JsonElement metadata = read.RootElement.GetProperty("metadata");
        Assert.Equal(
            ("broadcast", name, layout.GetProperty("fingerprint").GetString(), "true"),
            (Text("typedshm.kind"), Text("typedshm.name"), Text("typedshm.fingerprint"), Text("typedshm.publish_times")));
        Assert.Equal("Everything", JsonDocument.Parse(Text("typedshm.layout")).RootElement.GetProperty("name").GetString());
        Assert.Equal("""{"Red":0,"Green":1,"Blue":-1}""", read.RootElement.GetProperty("colours").GetString());
        Assert.Equal(s_types, read.RootElement.GetProperty("types").EnumerateArray().Select(type => type.GetString()));
        long[] published = Times("published");
        long[] received = Times("received");
        Assert.Equal(3, published.Length);
        Assert.Equal(published.Order(), published);
        Assert.All(published.Zip(received), times => Assert.True(times.First <= times.Second, $"{times}"));
        JsonElement[] rows = [.. read.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["1", "2", "3"], rows.Select(row => row.GetProperty("Inner").GetProperty("Number").ToString()));
        Assert.Equal(JsonSerializer.Serialize(JsonDocument.Parse(ThirdRow).RootElement), JsonSerializer.Serialize(rows[2]));

        string Text(string key) => metadata.GetProperty(key).GetString()!;
        long[] Times(string column) =>
            [.. read.RootElement.GetProperty(column).EnumerateArray().Select(time => long.Parse(time.GetString()!, null))];
    }

    [BrowserFact]
    public async Task A_recording_whose_recorder_was_killed_is_whole()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "broadcast");
        peer.Ask("hot");
        string path = Recordings.NewPath();
        using (System.Diagnostics.Process recorder = Command.Start("record", name, "-o", path))
        {
            await Until.Holds(() => File.Exists(path) && Recordings.Numbers(path, "Number").Length > 1000);
            recorder.Kill();
            await Until.Soon(recorder.WaitForExitAsync());
        }

        peer.Ask("1");
        await using Tab tab = await Open();

        JsonElement read = await tab.Page.EvaluateFunctionAsync<JsonElement>(Check, await Base64(path));

        Assert.Equal(
            (Recordings.Numbers(path, "Number").Length, -1), (read.GetProperty("rows").GetInt32(), read.GetProperty("wrong").GetInt32()));
    }

    private static async Task<string> Base64(string path) => Convert.ToBase64String(await File.ReadAllBytesAsync(path));

    private async Task<Tab> Open()
    {
        Tab tab = await browser.Open();
        await tab.Page.AddScriptTagAsync(new AddTagOptions { Content = await File.ReadAllTextAsync(s_reader) });
        return tab;
    }
}
