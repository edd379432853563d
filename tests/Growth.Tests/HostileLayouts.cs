extern alias New;
extern alias Old;
using System.Globalization;
using System.Text;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Layout;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.Transport;
using NewTelemetry = New::TypedShm.GrowthPeer.Telemetry;
using OldTelemetry = Old::TypedShm.GrowthPeer.Telemetry;

namespace TypedShm.Growth.Tests;

/// <summary>Peers that state one layout in the handshake and send a region of another, so that a reader would look beyond it.</summary>
public sealed class HostileLayouts
{
    [Fact]
    public void A_region_that_is_what_was_stated_is_mapped()
    {
        using StructMemory<NewTelemetry> memory =
            Map<NewTelemetry>(LayoutAdvertisement.Of<OldTelemetry>(), LayoutDescriptor.Of<OldTelemetry>(), OldJson, stride: 16);
        Assert.Equal(16, memory.Data.Header.ValueSize);
        Assert.False(memory.Compatibility.IsByReference);
    }

    [Fact]
    public void A_region_that_is_shorter_than_stated_is_refused() =>
        Assert.Throws<RegionInvalidException>(
            () => Map<OldTelemetry>(LayoutAdvertisement.Of<NewTelemetry>(), LayoutDescriptor.Of<OldTelemetry>(), OldJson, stride: 16));

    [Fact]
    public void A_region_that_is_longer_than_stated_is_refused() =>
        Assert.Throws<RegionInvalidException>(
            () => Map<NewTelemetry>(LayoutAdvertisement.Of<OldTelemetry>(), LayoutDescriptor.Of<NewTelemetry>(), NewJson, stride: 56));

    [Fact]
    public void A_region_whose_header_and_description_differ_is_refused() =>
        Assert.Throws<RegionInvalidException>(
            () => Map<OldTelemetry>(LayoutAdvertisement.Of<NewTelemetry>(), LayoutDescriptor.Of<NewTelemetry>(), OldJson, stride: 56));

    [Fact]
    public void A_region_whose_elements_are_shorter_than_its_struct_is_refused() =>
        Assert.Throws<RegionInvalidException>(
            () => Map<OldTelemetry>(LayoutAdvertisement.Of<NewTelemetry>(), LayoutDescriptor.Of<NewTelemetry>(), NewJson, stride: 16));

    [Fact]
    public void A_layout_as_large_as_can_be_stated_is_compared_in_no_time_to_speak_of()
    {
        StringBuilder json = new("""{"name":"Huge","size":2147483647,"alignment":8,"fields":[""");
        const string Nested = """{"name":"A","kind":"struct","offset":0,"size":2147483647,"fields":[""";
        const int Depth = 29;
        json.Insert(json.Length, Nested, Depth);
        for (int i = 0; json.Length < LayoutDescriptor.MaxJsonLength - 1000; i++)
        {
            json.Append(i == 0 ? "" : ",")
                .Append(CultureInfo.InvariantCulture, $$"""{"name":"F{{i}}","kind":"uint8","offset":{{i}},"size":1}""");
        }

        json.Insert(json.Length, "]}", Depth).Append("]}");
        LayoutDescriptor huge = LayoutDescriptor.Parse(Encoding.UTF8.GetBytes(json.ToString()));
        Assert.True(Layout.LayoutCompatibility.Of(huge, huge)!.IsByReference);
        Assert.Null(Layout.LayoutCompatibility.Of(LayoutDescriptor.Of<NewTelemetry>(), huge));
    }

    private static byte[] OldJson => LayoutAdvertisement.Of<OldTelemetry>().Json;

    private static byte[] NewJson => LayoutAdvertisement.Of<NewTelemetry>().Json;

    private static StructMemory<T> Map<T>(LayoutAdvertisement stated, LayoutDescriptor inHeader, byte[] description, int stride)
        where T : unmanaged, ISharedLayout<T>
    {
        SharedRegion region =
            SharedRegion.Create("typedshm:hostile", RegionKind.Struct, description, inHeader, StructMemory<T>.ControlLength, stride, 1);
        ControlWords control = ControlWords.Create("hostile");
        try
        {
            RegionOffer[] offers = [new(region, IsWritable: false), new(control.Region, IsWritable: false)];
            using ReceivedRegions received = new([.. offers.Select(offer => offer.Region.DescriptorForPeer(writable: false))]);
            return StructMemory<T>.Attach(
                received, new WelcomeMessage(default, [], [stated], [.. offers.Select(offer => offer.Info)]), writable: false);
        }
        finally
        {
            region.Dispose();
            control.Dispose();
        }
    }
}
