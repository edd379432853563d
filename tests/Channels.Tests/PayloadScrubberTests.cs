using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>What stands behind a payload, for a peer that looks at the memory itself: nothing, if it is of another user.</summary>
public unsafe class PayloadScrubberTests
{
    private const int Capacity = 2;
    private const int Payload = 3 * 4096;
    private const byte Secret = 0x5e;
    private const uint Stranger = 12345;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_commit_clears_what_earlier_messages_and_claims_have_left(bool sparse)
    {
        using Lane lane = Lane.Create<Quote>("tails", new MessageShape(Capacity, Payload, 16, PublishTimes: false, sparse));
        LaneWriter<Quote> writer = new(lane, new Waiting.Publisher());

        // Written, and claimed, before anybody of another user was there.
        Assert.True(writer.TryWrite(Quote.Of(0), Secrets(Payload)));
        Assert.True(writer.TryBegin(1));
        writer.ClaimedPayload(writer.ClaimNumber).Fill(Secret);
        writer.ScrubPayloads();
        writer.CommitClaim(writer.ClaimNumber, 7);
        Assert.Equal(7, Left(lane, 1));

        using PairLinks links = new();
        writer.Connect(links.Writer);
        ReleaseRange(2);
        Assert.True(writer.TryWrite(Quote.Of(2), Secrets(5)));
        Assert.Equal(5, Left(lane, 0));

        // A claim that is given up leaves something too.
        Assert.True(writer.TryBegin(1));
        writer.ClaimedPayload(writer.ClaimNumber).Fill(Secret);
        writer.AbortClaim(writer.ClaimNumber);
        Assert.Equal(Payload, Left(lane, 1));
        Assert.True(writer.TryBegin(1, 100));
        writer.ClaimedPayload(writer.ClaimNumber, 100).Fill(Secret);
        writer.CommitClaim(writer.ClaimNumber, 99);
        Assert.Equal(99, Left(lane, 1));

        ReleaseRange(4);
        Assert.True(writer.TryWriteBatch([Quote.Of(4), Quote.Of(5)]));
        Assert.Equal(0, Left(lane, 0));
        Assert.Equal(0, Left(lane, 1));
        ReleaseRange(6);
        Assert.True(writer.TryWrite(Quote.Of(6), Secrets(Payload)));
        ReleaseRange(7);
        Assert.True(writer.TryWrite(Quote.Of(7)));
        Assert.True(writer.TryWrite(Quote.Of(8)));
        Assert.Equal(0, Left(lane, 0));

        void ReleaseRange(ulong count) => *links.Reader.Own.Head = count;
    }

    [Fact]
    public void Clearing_allocates_nothing()
    {
        using Lane lane = Lane.Create<Quote>("tails", new MessageShape(Capacity, Payload, 16, PublishTimes: false, IsSparse: true));
        LaneWriter<Quote> writer = new(lane, new Waiting.Publisher());
        writer.ScrubPayloads();
        long before = Interop.Native.FileStatus((Interop.SafeDescriptor)lane.Region.Descriptor).Allocated;
        Assert.True(writer.TryWrite(Quote.Of(0), Secrets(10)));
        Assert.True(writer.TryWrite(Quote.Of(1)));
        Assert.Equal(before, Interop.Native.FileStatus((Interop.SafeDescriptor)lane.Region.Descriptor).Allocated);
    }

    [RootTheory]
    [InlineData("broadcast", true)]
    [InlineData("broadcast", false)]
    [InlineData("reader", true)]
    [InlineData("reader", false)]
    [InlineData("create-reader", true)]
    [InlineData("create-reader", false)]
    public void A_process_of_another_user_finds_nothing_behind_a_payload(string what, bool stranger)
    {
        string name = $"@typedshm-test-{Guid.NewGuid():N}";
        uint user = stranger ? Stranger : 0;
        PeerPolicy policy = PeerPolicy.Users(user);
        MessageOptions options = what == "broadcast"
            ? new SharedBroadcastOptions { Capacity = Capacity, PayloadCapacity = Payload, AllowedPeers = policy }
            : new SharedQueueOptions { Capacity = Capacity, PayloadCapacity = Payload, AllowedPeers = policy };
        using SharedBroadcastWriter<Quote>? broadcast = what == "broadcast"
            ? SharedBroadcast.Create<Quote>(name, (SharedBroadcastOptions)options)
            : null;
        using SharedQueueWriter<Quote>? owner = what == "reader"
            ? SharedQueue.CreateWriter<Quote>(name, (SharedQueueOptions)options)
            : null;
        broadcast?.Write(Quote.Of(-1), Secrets(Payload));
        broadcast?.Write(Quote.Of(-1), Secrets(Payload));

        using Peer peer = ChannelPeer.Start("as-user", name, $"{user}", what, $"{Payload}");
        using SharedQueueWriter<Quote>? writer = owner
            ?? (what == "create-reader" ? SharedQueue.OpenWriter<Quote>(name, new() { AllowedOwner = policy }) : null);
        peer.Expect("open");
        for (int i = 0; i < 8; i++)
        {
            byte[] payload = Secrets(i % 4 < 2 ? Payload : 10);
            broadcast?.Write(Quote.Of(i), payload);
            writer?.Write(Quote.Of(i), payload);
        }

        // The last two were short, in both slots, after long ones.
        peer.Expect("read");
        SharedRegion region = broadcast?.Region ?? writer!.Region;
        for (int slot = 0; slot < Capacity; slot++)
            Assert.Equal(stranger ? 10 : Payload, Left(region, slot));
        peer.Tell("enough");
        peer.WaitForExit();
    }

    private static byte[] Secrets(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, Secret);
        return bytes;
    }

    private static int Left(Lane lane, int slot) => Left(lane.Region, slot);

    /// <summary>How many bytes of a slot's payload are not zero.</summary>
    private static int Left(SharedRegion region, int slot)
    {
        Memory.RegionHeader header = region.Header;
        return new ReadOnlySpan<byte>(
            (byte*)region.Address + header.DataOffset + (slot * header.Stride) + header.Slot.PayloadOffset, Payload).Count(Secret);
    }

    private sealed class PairLinks : IDisposable
    {
        public PairLinks() => (Reader, Writer) =
            Transport.PairLink.Create("tails", Transport.PeerRole.Writer, Transport.WaitAbilities.Parks, Transport.WaitAbilities.Parks);

        public Transport.PairLink Reader { get; }

        public Transport.PairLink Writer { get; }

        public void Dispose()
        {
            Reader.Dispose();
            Writer.Dispose();
        }
    }
}
