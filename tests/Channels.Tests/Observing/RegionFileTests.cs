using Xunit;

namespace TypedShm.Channels.Tests.Observing;

/// <summary>Copies of regions, as <c>cp /proc/PID/fd/N</c> makes them, and what is no such copy.</summary>
public sealed class RegionFileTests : ObserverTest
{
    [Theory]
    [InlineData("struct", 0)]
    [InlineData("state", 0)]
    [InlineData("table", 5)]
    public void A_copied_region_shows_its_values(string kind, int element)
    {
        using Peer peer = Offer(NamesDirectory.NewName(), kind);
        peer.Ask("5");

        using SharedInspector file = SharedInspector.OpenFile(CopyRegion(peer));

        SharedSnapshot five = file.Read(element)!;
        Assert.Equal("5", five["Number"].ToString());
        AssertWhole(five);
        Assert.Null(file.Owner);
        Assert.Null(file.ReadCounts());
        Assert.False(file.IsConnected);
    }

    [Fact]
    public void A_copied_broadcast_shows_the_messages_that_are_in_it()
    {
        using Peer peer = Offer(NamesDirectory.NewName(), "broadcast");
        peer.Ask("1100");
        using SharedInspector file = SharedInspector.OpenFile(CopyRegion(peer));
        List<long> numbers = [];
        long position = file.FirstMessage;
        while (file.TryReadMessage(ref position, out SharedSnapshot? message))
            numbers.Add(NumberIn(message, "Number"));

        Assert.Equal(Enumerable.Range(77, 1024).Select(number => (long)number), numbers);
    }

    /// <summary>One byte of the header after the other becomes another: the file is refused, or read without a fault.</summary>
    [Theory]
    [InlineData("struct")]
    [InlineData("state")]
    [InlineData("table")]
    [InlineData("broadcast")]
    [InlineData("queue")]
    public void A_damaged_header_is_refused_or_harmless(string kind)
    {
        using Peer peer = Offer(NamesDirectory.NewName(), kind);
        peer.Ask("5");
        byte[] whole = File.ReadAllBytes(CopyRegion(peer));
        string path = Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("damaged"));
        int refused = 0;
        foreach (byte change in (byte[])[0x01, 0x80, 0xFF])
        {
            for (int at = 0; at < 128; at++)
            {
                byte[] damaged = [.. whole];
                damaged[at] ^= change;
                File.WriteAllBytes(path, damaged);
                refused += IsRefused(path) ? 1 : 0;
            }
        }

        Assert.True(refused > 100, $"{refused} were refused.");
    }

    [Fact]
    public void What_is_no_region_is_said_to_be_none()
    {
        string path = Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("text"));
        File.WriteAllText(path, new string('x', 5000));
        Assert.Contains("is no copy of a region", Assert.Throws<RegionInvalidException>(() => SharedInspector.OpenFile(path)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(path, "x");
        Assert.Contains("has 1 bytes", Assert.Throws<RegionInvalidException>(() => SharedInspector.OpenFile(path)).Message,
            StringComparison.Ordinal);
    }

    private static bool IsRefused(string path)
    {
        try
        {
            using SharedInspector file = SharedInspector.OpenFile(path);
            long position = file.FirstMessage;
            if (file.HasValues)
                _ = file.Read(file.Count - 1)?.ToString();
            else if (file.HasMessages && file.TryReadMessage(ref position, out SharedSnapshot? message))
                _ = message.ToString();
            return false;
        }
        catch (RegionInvalidException)
        {
            return true;
        }
    }

    /// <summary>Copies the only region of the process that has a header and a layout.</summary>
    private static string CopyRegion(Peer peer)
    {
        string descriptor = Assert.Single(
            Directory.EnumerateFileSystemEntries($"/proc/{peer.Id}/fd"),
            path => File.ResolveLinkTarget(
                path, returnFinalTarget: false)?.FullName.Contains("memfd:typedshm:", StringComparison.Ordinal) == true);
        string copy = Path.Combine(NamesDirectory.Path, NamesDirectory.NewName("copy"));
        using FileStream from = File.OpenRead(descriptor);
        using FileStream to = File.Create(copy);
        from.CopyTo(to);
        return copy;
    }
}
