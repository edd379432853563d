extern alias New;
extern alias Old;
using System.Globalization;
using System.Text;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using NewTelemetry = New::TypedShm.GrowthPeer.Telemetry;
using OldTelemetry = Old::TypedShm.GrowthPeer.Telemetry;

namespace TypedShm.Growth.Tests;

/// <summary>
/// Peers that state one layout in the handshake and send slots, cells or elements of another, so that a reader would look beyond them.
/// </summary>
public sealed class HostileChannels
{
    private static readonly MessageShape s_messages = new(4, 8, 8, PublishTimes: false);
    private static readonly TableShape s_table = new(3, IsLive: false);
    private static readonly LayoutDescriptor s_old = LayoutDescriptor.Of<OldTelemetry>();
    private static readonly LayoutDescriptor s_new = LayoutDescriptor.Of<NewTelemetry>();

    public static TheoryData<string> Kinds => ["State", "Table", "Queue", "Broadcast"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_has_the_slots_of_its_layout_is_mapped(string kind)
    {
        Assert.Equal(16, Map(kind, header: s_old, slots: s_old, stated: s_old).Header.ValueSize);
        Assert.Equal(56, Map(kind, header: s_new, slots: s_new, stated: s_new).Header.ValueSize);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_layout_than_was_stated_is_refused(string kind)
    {
        Assert.Throws<RegionInvalidException>(() => Map(kind, header: s_old, slots: s_old, stated: s_new));
        Assert.Throws<RegionInvalidException>(() => Map(kind, header: s_new, slots: s_new, stated: s_old));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Slots_of_another_layout_than_the_header_states_are_refused(string kind)
    {
        Assert.Throws<RegionInvalidException>(() => Map(kind, header: s_new, slots: s_old, stated: s_new));
        Assert.Throws<RegionInvalidException>(() => Map(kind, header: s_old, slots: s_new, stated: s_old));
    }

    [Theory]
    [InlineData("Queue", MessageShape.MaxMessage + 8)]
    [InlineData("Broadcast", MessageShape.MaxMessage + 8)]
    [InlineData("Queue", int.MaxValue - 7)]
    [InlineData("Broadcast", int.MaxValue - 7)]
    [InlineData("Table", int.MaxValue - 7)]
    public void A_struct_that_is_longer_than_any_may_be_is_refused_before_anything_is_computed_of_it(string kind, int size)
    {
        LayoutDescriptor huge = Huge(size);
        Assert.NotNull(LayoutCompatibility.Of(s_old, huge));
        Assert.Throws<ProtocolException>(() => Map(kind, header: s_old, slots: s_old, stated: huge));
    }

    [Fact]
    public void A_state_whose_cells_would_be_longer_than_its_region_is_refused() =>
        Assert.Throws<RegionInvalidException>(() => Map("State", header: s_old, slots: s_old, stated: Huge(int.MaxValue - 7)));

    // Of which the old layout is a prefix.
    private static LayoutDescriptor Huge(int size)
    {
        string old = Encoding.UTF8.GetString(LayoutAdvertisement.Of<OldTelemetry>().Json);
        int bulk = size - 16;
        return LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(old
            .Replace("\"size\":16,", string.Create(CultureInfo.InvariantCulture, $"\"size\":{size},"))
            .Replace("}]}", string.Create(
                CultureInfo.InvariantCulture, $$"""},{"name":"Bulk","kind":"uint8","offset":16,"size":1,"length":{{bulk}}}]}"""))));
    }

    // What a peer sends, as it is received.
    private static SharedRegion Map(string kind, LayoutDescriptor header, LayoutDescriptor slots, LayoutDescriptor stated)
    {
        byte[] json = (header == s_new ? LayoutAdvertisement.Of<NewTelemetry>() : LayoutAdvertisement.Of<OldTelemetry>()).Json;
        (SlotLayout layout, long stride) = kind switch
        {
            "State" => StateCells.Layout(slots.Size, slots.Alignment, times: true),
            "Table" => s_table.Layout(slots.Size, slots.Alignment),
            _ => slots == s_new ? s_messages.Slots<NewTelemetry>() : s_messages.Slots<OldTelemetry>(),
        };
        (RegionKind region, int control, int count) = kind switch
        {
            "State" => (RegionKind.State, StateCells.ControlLength, StateCells.CountIfSmall),
            "Table" => (RegionKind.Table, s_table.ControlLength, s_table.Count),
            "Queue" => (RegionKind.QueueLane, CompletionRecord.Length, s_messages.Capacity),
            _ => (RegionKind.Broadcast, Ring.ControlLength, s_messages.Capacity),
        };
        SharedRegion sent = SharedRegion.Create("typedshm:hostile", region, json, header, control, stride, count, layout);
        try
        {
            SharedRegion received = Receive(kind, sent.DescriptorForPeer(writable: false), sent.Size, stated);
            received.Dispose();
            return received;
        }
        finally
        {
            sent.Dispose();
        }
    }

    private static SharedRegion Receive(string kind, SafeDescriptor file, long size, LayoutDescriptor stated) => kind switch
    {
        "State" => StateCells.Attach(file, size, stated, times: true),
        "Table" => s_table.Attach(file, size, stated),
        "Queue" => Lane.Attach(file, size, s_messages, stated).Region,
        _ => Ring.Attach(file, size, new RingShape(s_messages, IsLossless: false), stated),
    };
}
