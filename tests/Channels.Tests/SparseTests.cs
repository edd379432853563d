using System.Runtime.InteropServices;
using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>Channels whose payloads have memory only where messages have needed it.</summary>
public sealed partial class SparseTests
{
    private const int Payload = 1 << 20;
    private const int Capacity = 8;

    private static readonly int s_page = Environment.SystemPageSize;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly OpenOptions s_allowed = new() { AllowSparsePayloads = true };

    public enum Kind
    {
        Queue,
        QueueOfItsWriter,
        Broadcast,
        LosslessBroadcast,
    }

    public static TheoryData<Kind> Kinds => [Kind.Queue, Kind.QueueOfItsWriter, Kind.Broadcast, Kind.LosslessBroadcast];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_slot_has_the_pages_of_its_longest_payload_and_reading_adds_none(Kind kind)
    {
        using Ends ends = new(kind);
        long heads = Allocated(ends.Region);
        Assert.InRange(heads, Capacity * s_page, (Capacity + 4) * s_page);
        Assert.Equal(0, ends.Region.Header.Stride % s_page);
        Assert.True(ends.Region.Size > Capacity * Payload);

        // What fits into the page of the head costs nothing, nor does a message without payload.
        ends.Write(1, 100);
        ends.Read(1, 100);
        ends.Write(2, 0);
        ends.Read(2, 0);
        Assert.Equal(heads, Allocated(ends.Region));

        ends.Write(3, 10 * s_page);
        ends.Read(3, 10 * s_page);
        Assert.Equal(heads + (10 * s_page), Allocated(ends.Region));

        // Round and round: pages come when a message is the first that needs them, and never go.
        for (int lap = 0; lap < 3; lap++)
        {
            for (int i = 0; i < Capacity; i++)
            {
                ends.Write(i, (10 * s_page) - i);
                ends.Read(i, (10 * s_page) - i);
            }
        }

        Assert.Equal(heads + (Capacity * 10 * s_page), Allocated(ends.Region));
        ends.Write(4, Payload);
        ends.Read(4, Payload);
        Assert.Equal(heads + ((Capacity - 1) * 10 * s_page) + ends.Region.Header.Stride - s_page, Allocated(ends.Region));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_claim_allocates_what_it_was_made_for_or_all_once_its_payload_is_asked_for(Kind kind)
    {
        using Ends ends = new(kind);
        long heads = Allocated(ends.Region);
        Assert.Equal(5000, ends.ClaimAndCommit(1, claimed: 5000, committed: 4999));
        Assert.Equal(heads + s_page, Allocated(ends.Region));
        ends.Read(1, 4999);

        // Without a look at its payload a claim needs none, unless it is committed with some.
        long before = Allocated(ends.Region);
        ends.ClaimAndCommit(2, claimed: null, committed: 0, look: false);
        ends.Read(2, 0);
        Assert.Equal(before, Allocated(ends.Region));
        ends.ClaimAndCommit(0, claimed: null, committed: 2 * s_page, look: false);
        Assert.Equal(before + (2 * s_page), Allocated(ends.Region));
        ends.Read(0, 2 * s_page, isBlank: true);

        before = Allocated(ends.Region);
        Assert.Equal(Payload, ends.ClaimAndCommit(3, claimed: null, committed: 3));
        Assert.Equal(before + ends.Region.Header.Stride - s_page, Allocated(ends.Region));
        ends.Read(3, 3);

        Assert.Throws<ArgumentException>(() => ends.ClaimAndCommit(4, claimed: 10, committed: 11));
        Assert.Throws<ArgumentException>(() => ends.ClaimAndCommit(4, claimed: Payload + 1, committed: 1));
        Assert.Throws<ArgumentException>(() => ends.ClaimAndCommit(4, claimed: -1, committed: 0));
        Assert.Throws<ArgumentException>(() => ends.Write(4, Payload + 1));
        ends.Write(5, 5);
        ends.Read(5, 5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Memory_that_cannot_be_had_is_an_exception_and_the_writer_goes_on(Kind kind)
    {
        using Ends ends = new(kind);
        ends.Write(1, 10 * s_page);

        // Real failures of the call, without filling the machine: it is made through a descriptor that may only read.
        using (new ReadOnlyInPlace((SafeDescriptor)ends.Region.Descriptor))
        {
            Assert.Equal("fallocate", Assert.Throws<SystemCallException>(() => ends.Write(2, 10 * s_page)).Call);
            Assert.Throws<SystemCallException>(() => ends.ClaimAndCommit(2, claimed: 10 * s_page, committed: 1));
            Assert.Throws<SystemCallException>(() => ends.ClaimAndCommit(2, claimed: null, committed: 1));
            Assert.Throws<SystemCallException>(() => ends.ClaimAndCommit(2, claimed: null, committed: 10 * s_page, look: false));
            ends.Write(2, 100);
        }

        ends.Write(3, 10 * s_page);
        ends.Read(1, 10 * s_page);
        ends.Read(2, 100);
        ends.Read(3, 10 * s_page);
    }

    [Fact]
    public void Who_opens_a_sparse_channel_has_to_say_so()
    {
        string reading = NewName();
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(reading, Options);
        string message = Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(reading)).Message;
        Assert.Contains("OpenOptions.AllowSparsePayloads", message, StringComparison.Ordinal);
        using SharedQueueWriter<Quote> open = SharedQueue.OpenWriter<Quote>(reading, s_allowed);
        open.Write(Quote.Of(1), Bytes(1, Payload));
        using (Lease<Quote> lease = reader.Lease())
            Assert.True(lease.Payload.SequenceEqual(Bytes(1, Payload)));

        string writing = NewName();
        using SharedQueueWriter<Quote> writer = SharedQueue.CreateWriter<Quote>(writing, Options);
        Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenReader<Quote>(writing));

        string feed = NewName();
        using SharedBroadcastWriter<Quote> broadcast =
            SharedBroadcast.Create<Quote>(feed, new() { Capacity = Capacity, PayloadCapacity = Payload, SparsePayloads = true });
        Assert.Throws<PeerRefusedException>(() => SharedBroadcast.Open<Quote>(feed));
        using SharedBroadcastReader<Quote> listener = SharedBroadcast.Open<Quote>(feed, s_allowed);
    }

    [Fact]
    public void A_region_with_holes_is_refused_where_its_creator_promised_none()
    {
        MessageShape promised = new(Capacity, Payload, 16, PublishTimes: false);
        MessageShape sparse = promised with { IsSparse = true };
        using Lane lane = Lane.Create<Quote>("sparse", sparse);
        string message = Assert.Throws<RegionInvalidException>(
            () => Lane.Attach(
                lane.Region.DescriptorForPeer(writable: false), lane.Region.Size, promised, LayoutDescriptor.Of<Quote>())).Message;
        Assert.Contains("allocated", message, StringComparison.Ordinal);
        using Lane attached = Lane.Attach(
            lane.Region.DescriptorForPeer(writable: false), lane.Region.Size, sparse, LayoutDescriptor.Of<Quote>());
        Assert.Throws<InvalidOperationException>(() => attached.Region.Bytes.Length);
        Assert.Throws<InvalidOperationException>(() => lane.Region.Bytes.Length);
    }

    // The writer was not disposed, and says nothing else than where payloads are allocated as a whole.
    [Fact]
    public void A_claim_that_has_outlasted_its_reader_needs_no_pages()
    {
        string name = NewName();
        SharedQueueReader<Quote> first = SharedQueue.CreateReader<Quote>(name, Options);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, s_allowed with { Reconnect = true });
        SharedRegion region = writer.Region;
        using Claim<Quote> claim = writer.Claim();
        first.Dispose();
        using SharedQueueReader<Quote> second = SharedQueue.CreateReader<Quote>(name, Options);

        Assert.True(SpinWait.SpinUntil(() => writer.Region != region, s_patience));
        writer.Write(Quote.Of(2), Bytes(2, Payload));

        // The region of before stays until the claim is over.
        Assert.False(region.Descriptor.IsClosed);
        Assert.Equal(Payload, claim.Payload.Length);
        claim.Commit(Payload);
        Assert.True(region.Descriptor.IsClosed);
        Assert.True(second.TryRead(out Quote quote, s_patience));
        Assert.Equal(2, quote.Number);
    }

    // The limit of what is agreed to with AllowSparsePayloads: at most the region's size.
    [Fact]
    public unsafe void A_hostile_length_makes_its_reader_pay_for_the_slot_and_for_nothing_else()
    {
        using Ends ends = new(Kind.Queue);
        long heads = Allocated(ends.Region);
        ends.Write(1, 1);
        RegionHeader header = ends.Region.Header;
        *(uint*)((byte*)ends.Region.Address + header.DataOffset + header.Slot.LengthOffset) = Payload;
        using (Lease<Quote> lease = ends.Queue!.Lease())
        {
            Assert.Equal(Payload, lease.Payload.Length);
            Assert.False(lease.Payload[s_page..].ContainsAnyExcept((byte)0));
        }

        Assert.InRange(Allocated(ends.Region), heads + 1, heads + header.Stride - s_page);
    }

    [Fact]
    public void A_writer_in_another_process_allocates_as_it_goes()
    {
        string name = NewName();
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, Options);
        using Peer peer = ChannelPeer.Start("write-sparse", name, "100");
        for (int i = 0; i < 100; i++)
        {
            Assert.True(reader.TryLease(out Lease<Quote> lease, s_patience));
            using (lease)
            {
                Assert.Equal(i, lease.Value.Number);
                Assert.Equal(i * 7919 % (Payload / 10), lease.Payload.Length);
                Assert.False(lease.Payload.ContainsAnyExcept((byte)i));
            }
        }

        peer.Tell("enough");
        peer.WaitForExit();
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SharedQueue.CreatePair<Quote>(new() { SparsePayloads = true }));
        MessageShape shape = new(Capacity, Payload, 16, PublishTimes: true, IsSparse: true);
        Assert.Equal(shape, MessageShape.FromParameters(shape.ToParameters()));
        Assert.Throws<ProtocolException>(() => MessageShape.FromParameters([Capacity, Payload, 16, 4]));
        Assert.Throws<ProtocolException>(() => MessageShape.FromParameters([Capacity, 0, 16, 2]));
    }

    private static SharedQueueOptions Options => new() { Capacity = Capacity, PayloadCapacity = Payload, SparsePayloads = true };

    private static string NewName() => $"@typedshm-test-{Guid.NewGuid():N}";

    private static long Allocated(SharedRegion region) => Native.FileStatus((SafeDescriptor)region.Descriptor).Allocated;

    private static byte[] Bytes(int number, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)(number + i);
        return bytes;
    }

    /// <summary>Both ends of a channel of a kind, the writer's region, and what is the same of all kinds.</summary>
    private sealed class Ends : IDisposable
    {
        private readonly SharedQueueWriter<Quote>? _queue;
        private readonly SharedBroadcastWriter<Quote>? _broadcast;
        private readonly SharedBroadcastReader<Quote>? _listener;

        public Ends(Kind kind)
        {
            if (kind is Kind.Queue or Kind.QueueOfItsWriter)
            {
                (_queue, Queue) = kind == Kind.Queue
                    ? SharedQueue.CreatePair<Quote>(Options)
                    : SharedQueue.CreateWriterPair<Quote>(Options);
                Region = _queue.Region;
            }
            else
            {
                (_broadcast, _listener) = SharedBroadcast.CreatePair<Quote>(new()
                {
                    Capacity = Capacity,
                    PayloadCapacity = Payload,
                    SparsePayloads = true,
                    Lossless = kind == Kind.LosslessBroadcast
                });
                Region = _broadcast.Region;
            }
        }

        public SharedQueueReader<Quote>? Queue { get; }

        public SharedRegion Region { get; }

        public void Write(int number, int length)
        {
            if (_queue is not null)
                Assert.True(_queue.TryWrite(Quote.Of(number), Bytes(number, length)));
            else
                Assert.True(_broadcast!.TryWrite(Quote.Of(number), Bytes(number, length)));
        }

        /// <returns>The length of the room that the claim had.</returns>
        public int ClaimAndCommit(int number, int? claimed, int committed, bool look = true)
        {
            if (_queue is not null)
            {
                using Claim<Quote> claim = claimed is { } length ? _queue.Claim(length) : _queue.Claim();
                claim.Value = Quote.Of(number);
                Span<byte> payload = look ? claim.Payload : default;
                Bytes(number, Math.Min(committed, payload.Length)).CopyTo(payload);
                claim.Commit(committed);
                return payload.Length;
            }
            else
            {
                using BroadcastClaim<Quote> claim = claimed is { } length ? _broadcast!.Claim(length) : _broadcast!.Claim();
                claim.Value = Quote.Of(number);
                Span<byte> payload = look ? claim.Payload : default;
                Bytes(number, Math.Min(committed, payload.Length)).CopyTo(payload);
                claim.Commit(committed);
                return payload.Length;
            }
        }

        public void Read(int number, int length, bool isBlank = false)
        {
            byte[] expected = isBlank ? new byte[length] : Bytes(number, length);
            if (Queue is not null)
            {
                using Lease<Quote> lease = Queue.Lease();
                Assert.Equal(number, lease.Value.Number);
                Assert.True(lease.Payload.SequenceEqual(expected));
            }
            else
            {
                byte[] payload = new byte[Payload];
                Assert.True(_listener!.TryRead(out Quote quote, payload, out int read));
                Assert.Equal(number, quote.Number);
                Assert.True(payload.AsSpan(0, read).SequenceEqual(expected));
            }
        }

        public void Dispose()
        {
            foreach (IDisposable? end in (IDisposable?[])[_queue, Queue, _broadcast, _listener])
                end?.Dispose();
        }
    }

    /// <summary>Puts a descriptor of the same file that may only read in the place of another one, for a while.</summary>
    private sealed partial class ReadOnlyInPlace : IDisposable
    {
        private readonly SafeDescriptor _place;
        private readonly SafeDescriptor _original;

        public ReadOnlyInPlace(SafeDescriptor place)
        {
            _place = place;
            _original = Native.Duplicate(place);
            using SafeDescriptor reading = Native.ReopenReadOnly(place)!;
            Assert.Equal(NumberOf(place), dup3(NumberOf(reading), NumberOf(place), CloseOnExec));
        }

        private const int CloseOnExec = 0x80000;

        public void Dispose()
        {
            Assert.Equal(NumberOf(_place), dup3(NumberOf(_original), NumberOf(_place), CloseOnExec));
            _original.Dispose();
        }

        private static int NumberOf(SafeDescriptor descriptor) => (int)descriptor.DangerousGetHandle();

        [LibraryImport("libc")]
        private static partial int dup3(int from, int to, int flags);
    }
}
