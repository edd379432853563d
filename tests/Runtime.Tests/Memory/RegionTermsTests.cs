namespace TypedShm.Tests.Memory;

/// <summary>The rules for a received header, one by one.</summary>
public sealed class RegionTermsTests
{
    private static readonly LayoutDescriptor s_layout = LayoutDescriptor.Of<Telemetry>();
    private static readonly (SlotLayout Layout, long Stride) s_slot = new MessageShape(16, 100, 16, PublishTimes: false).Slots<Telemetry>();

    private static readonly RegionTerms s_terms = new("lane", RegionKind.QueueLane, s_layout, 1408, 16, s_slot, IsSparse: false);

    internal delegate void Lie(ref RegionHeader header);

    private static long Page => Environment.SystemPageSize;

    private static long Size => (2 * Page) + Align.UpToPage(16 * s_slot.Stride);

    private static RegionHeader Header => new()
    {
        Magic = RegionHeader.ExpectedMagic,
        Major = RegionHeader.CurrentMajor,
        Kind = RegionKind.QueueLane,
        RegionSize = Size,
        Fingerprint = s_layout.Fingerprint,
        LayoutOffset = 128,
        LayoutLength = 700,
        ControlOffset = 1024,
        ControlLength = 1408,
        DataOffset = 2 * Page,
        Stride = s_slot.Stride,
        Count = 16,
        ValueSize = s_layout.Size,
        ValueAlignment = s_layout.Alignment,
        Slot = s_slot.Layout,
    };

    [Fact]
    public void A_header_that_keeps_the_rules_is_accepted() => s_terms.Check(Header, Size);

    [Fact]
    public void Its_first_words_say_what_it_is()
    {
        Refuse("magic number", (ref header) => header.Magic++);
        Refuse("another version", (ref header) => header.Major++);
        Refuse("another kind", (ref header) => header.Kind = RegionKind.CallLane);
        Refuse("another size", (ref header) => header.RegionSize += Page);
        Accept((ref header) => header.Minor++);
    }

    [Fact]
    public void It_has_the_layout_that_was_agreed_on()
    {
        Refuse("another layout", (ref header) => header.Fingerprint++);
        Refuse("another layout", (ref header) => header.ValueSize++);
        Refuse("another layout", (ref header) => header.ValueAlignment *= 2);
    }

    [Fact]
    public void Its_parts_lie_within_the_region()
    {
        Refuse("control words in an impossible place", (ref header) => header.ControlLength--);
        Refuse("control words in an impossible place", (ref header) => header.ControlOffset += 8);
        Refuse("control words in an impossible place", (ref header) => header.ControlOffset = long.MaxValue - 127);
        Refuse("layout in an impossible place", (ref header) => header.LayoutOffset = 127);
        Refuse("layout in an impossible place", (ref header) => header.LayoutLength = -1);
        Refuse("data in an impossible place", (ref header) => header.DataOffset += 8);
        Refuse("data in an impossible place", (ref header) => header.DataOffset += Page);
        Refuse("data in an impossible place", (ref header) => header.Stride = long.MaxValue);
        Accept((ref header) => header.ControlLength += 128);
    }

    [Fact]
    public void It_has_the_elements_that_were_agreed_on()
    {
        Refuse("another number of elements", (ref header) => header.Count--);
        Refuse("other slots", (ref header) => header.Slot = header.Slot with { PayloadOffset = header.Slot.PayloadOffset + 16 });
        Refuse("other slots", (ref header) => header.Stride -= 8);
    }

    [Fact]
    public void The_elements_of_a_struct_are_at_most_a_page_apart()
    {
        RegionTerms terms = new("struct", RegionKind.Struct, s_layout, 1408, 1, null, IsSparse: false);
        RegionHeader header = Header with { Kind = RegionKind.Struct, Count = 1, Stride = Page, Slot = default, RegionSize = 4 * Page };
        terms.Check(header with { RegionSize = 3 * Page }, 3 * Page);
        header.Stride += Page;
        string message = Assert.Throws<RegionInvalidException>(() => terms.Check(header, 4 * Page)).Message;
        Assert.Contains("too far apart", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_follows_what_it_holds()
    {
        RegionHeader header = Header with { RegionSize = Size + Page };
        string message = Assert.Throws<RegionInvalidException>(() => s_terms.Check(header, Size + Page)).Message;
        Assert.Contains("larger than what it holds", message, StringComparison.Ordinal);
        Assert.InRange(s_terms.MostBytes, Size, Size + (2 << 20));
        Assert.Equal(long.MaxValue, (s_terms with { Count = 1L << 60 }).MostBytes);
    }

    private static void Accept(Lie lie)
    {
        RegionHeader header = Header;
        lie(ref header);
        s_terms.Check(header, Size);
    }

    private static void Refuse(string text, Lie lie)
    {
        RegionHeader header = Header;
        lie(ref header);
        Assert.Contains(text, Assert.Throws<RegionInvalidException>(() => s_terms.Check(header, Size)).Message, StringComparison.Ordinal);
    }
}
