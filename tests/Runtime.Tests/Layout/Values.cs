using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TypedShm.TestPeer;

namespace TypedShm.Tests.Layout;

/// <summary>Shared structs as values: compared, shown, taken apart, copied to and from views.</summary>
public sealed partial class Values
{
    private static readonly JsonSerializerOptions s_names =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    [Fact]
    public void Equal_fields_make_equal_structs()
    {
        Telemetry[] several = [Telemetry.Of(7), Telemetry.Of(7), Telemetry.Of(8)];

        Assert.Equal(several[0], several[1]);
        Assert.NotEqual(several[0], several[2]);
        Assert.True(several[0] == several[1]);
        Assert.Equal(2, several.Distinct().Count());
    }

    [Fact]
    public void Padding_and_what_stands_behind_a_texts_NUL_take_no_part()
    {
        Padded one = new() { Small = 1, Large = 2, Ratio = 0.0, Name = "ab" };
        Padded other = one;
        other.Ratio = -0.0;
        Bytes(ref other)[1] = 99;
        other.Name[3] = 99;

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        other.Name[1] = 99;
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void A_view_shows_its_public_fields()
    {
        Telemetry value = Telemetry.Of(2);
        Telemetry.SharedView view = new(ref value);

        string shown = $"{view}";

        Assert.StartsWith("Telemetry { Tick = 2, Rpm = 1, Position = <2, 2, 2>, Faults = 2, Unit = unit 2, Sensor = { Id = 2, Level = "
            + "2, Gear = Reverse }, Samples = [2, ", shown, StringComparison.Ordinal);
        Assert.Equal(shown, view.ToString());
        Assert.Equal(shown, value.ToString());
        Assert.DoesNotContain("_hidden", new Padded().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_reads_writes_and_copies_the_whole_struct()
    {
        Telemetry source = Telemetry.Of(3);
        Telemetry target = default;
        Telemetry.ReadOnlySharedView from = new(in source);
        Telemetry.SharedView to = new(ref target);

        from.CopyTo(to);
        Assert.Equal(source, to.Read());
        to.Write(Telemetry.Of(4));
        Assert.Equal(Telemetry.Of(4), target);
    }

    [Fact]
    public void A_struct_goes_through_JSON()
    {
        Telemetry value = Telemetry.Of(5);

        string text = JsonSerializer.Serialize(value, s_names);

        Assert.Contains("\"rpm\":2.5", text, StringComparison.Ordinal);
        Assert.Contains("\"gear\":\"Reverse\"", text, StringComparison.Ordinal);
        Assert.Equal(value, JsonSerializer.Deserialize<Telemetry>(text, s_names));
        Assert.Equal(value, JsonSerializer.Deserialize<Telemetry>(JsonSerializer.Serialize(value)));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Telemetry>("""{"Samples":[1,2,3,4,5,6,7,8,9]}"""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Telemetry>("""{"Tick":"x"}"""));
    }

    [Fact]
    public void Few_fields_can_be_taken_apart()
    {
        (ulong id, float level, Gear gear) = new Sensor { Id = 1, Level = 2, Gear = Gear.Forward };

        Assert.Equal((1UL, 2F, Gear.Forward), (id, level, gear));
    }

    [Fact]
    public void Elements_are_views_atomics_and_texts()
    {
        Stock stock = default;
        Stock.SharedView view = new(ref stock);

        view.Items[2].Hits.Increment();
        view.Items[2].Name.Set("two");
        view.Counts[3].Add(4);
        view.Names[1].Set("one");
        foreach (Item.SharedView item in view.Items)
            item.Hits.Increment();

        Assert.Equal(2, view.Items[2].Hits.Read());
        Assert.Equal("two", view.Items[2].Name.ToString());
        Assert.Equal(4, view.Counts[3].Read());
        Assert.Equal("one", view.Names[1].ToString());
        Assert.Throws<IndexOutOfRangeException>(static () =>
        {
            Stock other = default;
            return new Stock.SharedView(ref other).Items[4].Hits.Read();
        });
        Assert.Equal(Stock.SharedOffsets.Size, Unsafe.SizeOf<Stock>());
    }

    /// <summary>A value of the struct does not fit on the stack.</summary>
    [Fact]
    public void The_layout_of_a_struct_larger_than_the_stack_is_verified()
    {
        Assert.True(IsVerified<Frame>());

        (SharedStructWriter<Frame> owner, SharedStructReader<Frame> reader) = SharedStruct.CreatePair<Frame>();
        using (owner)
        using (reader)
        {
            owner.View.Number = 5;
            Assert.Equal(5, reader.View.Number);
        }
    }

    private static bool IsVerified<T>()
        where T : unmanaged, ISharedLayout<T> => CheckedLayout.Agrees<T>();

    private static Span<byte> Bytes(ref Padded value) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<Padded>(ref value));

    [SharedLayout]
    public partial struct Padded
    {
        public byte Small;
        public long Large;
        public double Ratio;
        public Text16 Name;
        private readonly int _hidden;
    }

    [SharedLayout]
    public partial struct Item
    {
        [Atomic] public int Hits;
        public Text16 Name;
    }

    [SharedLayout]
    public partial struct Stock
    {
        public Items Items;
        [Atomic] public Counts Counts;
        public Names Names;
    }

    [SharedLayout]
    public partial struct Frame
    {
        public Pixels Pixels;
        public long Number;
    }

    [InlineArray(4)]
    public struct Items
    {
        private Item _first;
    }

    [InlineArray(4)]
    public struct Counts
    {
        private long _first;
    }

    [InlineArray(4)]
    public struct Names
    {
        private Text32 _first;
    }

    [InlineArray(3840 * 2160 * 4)]
    public struct Pixels
    {
        private byte _first;
    }
}
