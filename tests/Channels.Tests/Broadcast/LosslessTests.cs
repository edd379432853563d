using System.Threading.Channels;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Broadcast;

/// <summary>A broadcast whose writer waits for the slowest reader.</summary>
public class LosslessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    public void Nothing_is_lost_or_doubled_while_everyone_waits_for_everyone(WaitMode mode, WaitFence fence)
    {
        int count = mode == WaitMode.Spin ? 5_000 : 50_000;
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> first) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 16, Lossless = true, Wait = mode, Fence = fence });
        SharedBroadcastReader<Quote>[] readers = [first, writer.OpenReader(PeerRole.Reader, mode, fence)];
        long[] next = new long[readers.Length];
        Thread[] reading = [.. readers.Select((reader, index) => new Thread(() =>
        {
            while (reader.WaitToRead())
            {
                while (reader.TryRead(out Quote quote) && quote.IsWhole && quote.Number == next[index])
                    next[index]++;
            }
        }))];
        foreach (Thread thread in reading)
            thread.Start();
        for (int i = 0; i < count; i++)
            writer.Write(Quote.Of(i));
        writer.Complete();
        foreach (Thread thread in reading)
            thread.Join();
        Assert.All(next, read => Assert.Equal(count, read));
        Close(writer, readers);
    }

    [Theory]
    [InlineData(WaitFence.Auto)]
    [InlineData(WaitFence.Full)]
    public async Task Nothing_is_lost_or_doubled_while_tasks_wait_for_each_other(WaitFence fence)
    {
        const int Count = 10_000;
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true, Wait = WaitMode.Park, Fence = fence });
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                Assert.True(i % 2 == 0 || await writer.WaitToWriteAsync());
                await writer.WriteAsync(Quote.Of(i));
            }

            writer.Complete();
            Assert.False(await writer.WaitToWriteAsync());
        });
        int next = 0;
        await foreach (Quote quote in reader.ReadAllAsync())
            Assert.Equal(next++, quote.Number);
        Assert.Equal(Count, next);
        await writing;
        await reader.Completion.WaitAsync(s_patience);
        await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask());
        Close(writer, reader);
    }

    [Fact]
    public void The_slowest_reader_holds_the_writer_up()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> fast) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true });
        SharedBroadcastReader<Quote> slow = writer.OpenReader();
        for (int i = 0; i < 4; i++)
        {
            Assert.True(writer.TryWrite(Quote.Of(i)));
            fast.Read();
        }

        Assert.False(writer.TryWrite(Quote.Of(4)));
        Assert.False(writer.TryClaim(out _));
        Assert.False(writer.TryWrite(Quote.Of(4), TimeSpan.FromMilliseconds(20)));
        using (BroadcastLease<Quote> lease = slow.Lease())
        {
            Assert.False(writer.TryWrite(Quote.Of(4)));
            Assert.True(lease.IsIntact);
        }

        Assert.True(writer.TryWrite(Quote.Of(4)));
        Assert.False(writer.TryWrite(Quote.Of(5)));
        slow.Dispose();
        Assert.True(writer.TryWrite(Quote.Of(5), s_patience));
        Assert.Equal(4, fast.Read().Number);
        Assert.Equal(5, fast.Read().Number);
        Close(writer, fast);
    }

    [Fact]
    public void Without_readers_nobody_is_waited_for()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true });
        reader.Dispose();
        for (int i = 0; i < 1000; i++)
            writer.Write(Quote.Of(i));
        Assert.Equal(1000, writer.Position);
        writer.Dispose();
    }

    [Fact]
    public void An_observer_sees_everything_and_holds_nobody_up()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true });
        SharedBroadcastReader<Quote> observer = writer.OpenReader(PeerRole.Observer);
        Assert.Single(writer.Peers);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(writer.TryWrite(Quote.Of(i)));
            reader.Read();
        }

        int received = 0;
        while (observer.TryRead(out Quote quote))
        {
            Assert.Equal(observer.Position - 1, quote.Number);
            received++;
        }

        Assert.Equal(10, received + observer.Lost);
        Assert.InRange(received, 2, 4);
        Close(writer, reader, observer);
    }

    [Fact]
    public async Task A_slow_reader_is_cut_off_even_while_it_holds_a_lease()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> fast) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true, CutOffAfter = TimeSpan.FromMilliseconds(50) });
        TaskCompletionSource<SharedMemoryException> dropped = new();
        TaskCompletionSource left = new();
        writer.PeerRefused += (_, refused) => dropped.TrySetResult(refused.Reason);
        writer.PeerLeft += (_, _) => left.TrySetResult();
        SharedBroadcastReader<Quote> slow = writer.OpenReader();
        writer.Write(Quote.Of(0));
        ReadUnderTheLease();
        Assert.IsType<CutOffException>(await dropped.Task.WaitAsync(s_patience));
        Assert.Single(writer.Peers);

        // Messages 1 to 4 stand where they stood, and are still read; then it learns what has happened.
        for (int i = 1; i < 5; i++)
            Assert.Equal(i, slow.Read().Number);
        Assert.Equal(1, slow.Lost);
        await Assert.ThrowsAsync<CutOffException>(() => slow.WaitToReadAsync().AsTask());
        Assert.Throws<CutOffException>(() => slow.WaitToRead());
        Assert.IsType<CutOffException>(Assert.Throws<ChannelClosedException>(() => slow.Read()).InnerException);
        await Assert.ThrowsAsync<CutOffException>(() => slow.Completion.WaitAsync(s_patience));
        Close(writer, fast, slow);

        void ReadUnderTheLease()
        {
            using BroadcastLease<Quote> lease = slow.Lease();
            fast.Read();
            for (int i = 1; i < 4; i++)
            {
                writer.Write(Quote.Of(i));
                fast.Read();
            }

            Assert.False(writer.TryWrite(Quote.Of(4)));
            Assert.True(lease.IsIntact);
            writer.Write(Quote.Of(4));
            Assert.False(lease.IsIntact);

            // The lease ends after the connection: the lost message is not one of those that may be read after the end.
            Assert.True(left.Task.Wait(s_patience));
        }
    }

    [Fact]
    public void A_reader_that_was_cut_off_and_overtaken_learns_why()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 4, Lossless = true, CutOffAfter = TimeSpan.FromMilliseconds(1) });
        for (int i = 0; i < 20; i++)
            writer.Write(Quote.Of(i));
        Assert.False(reader.TryRead(out _));
        Assert.Throws<CutOffException>(() => reader.TryRead(out _, TimeSpan.Zero));
        Close(writer, reader);
    }

    [Fact]
    public async Task Who_does_not_wait_cuts_off_too()
    {
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> reader) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 2, Lossless = true, CutOffAfter = TimeSpan.FromMilliseconds(30) });
        Assert.True(writer.TryWrite(Quote.Of(0)));
        Assert.True(writer.TryWrite(Quote.Of(1)));
        while (!writer.TryWrite(Quote.Of(2)))
            await Task.Delay(1);
        Assert.True(writer.TryWrite(Quote.Of(3)));
        using SharedBroadcastReader<Quote> second = writer.OpenReader();
        Assert.True(writer.TryWrite(Quote.Of(4)));
        await writer.WriteAsync(Quote.Of(5));
        await writer.WriteAsync(Quote.Of(6));
        Assert.True(await writer.WaitToWriteAsync());
        Close(writer, reader);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(ulong.MaxValue)]
    public async Task A_position_that_goes_backward_or_too_far_drops_its_reader(ulong hostile)
    {
        using ControlledReader controlled = new(new() { Capacity = 2, Lossless = true });
        SharedBroadcastWriter<Quote> writer = controlled.Writer;
        SharedBroadcastReader<Quote> honest = writer.OpenReader();
        writer.Write(Quote.Of(0));
        controlled.Head = 1;
        honest.Read();
        writer.Write(Quote.Of(1));
        honest.Read();

        // The next one needs a look at the positions, which takes notice of 1.
        Assert.True(writer.TryWrite(Quote.Of(2)));
        honest.Read();
        controlled.Head = hostile == 3 ? 4 : hostile;
        Assert.True(writer.TryWrite(Quote.Of(3)));
        Assert.Equal(3, honest.Read().Number);
        Assert.Single(writer.Peers);
        Assert.IsType<ProtocolException>(await controlled.Dropped.WaitAsync(s_patience));
        honest.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fenced_reader_joins_and_leaves_a_running_broadcast_a_thousand_times(bool lossless)
    {
        const int Joins = 1000;
        (SharedBroadcastWriter<Quote> writer, SharedBroadcastReader<Quote> constant) =
            SharedBroadcast.CreatePair<Quote>(new() { Capacity = 64, Lossless = lossless, MaxPeers = Joins });
        bool stop = false;
        Thread writing = new(() =>
        {
            for (long i = 0; !Volatile.Read(ref stop); i++)
                writer.Write(Quote.Of(i));
            writer.Complete();
        });
        long received = 0;
        Thread reading = new(() =>
        {
            while (constant.WaitToRead())
            {
                while (constant.TryRead(out Quote quote) && quote.IsWhole && quote.Number == constant.Position - 1)
                    received++;
            }
        });
        writing.Start();
        reading.Start();
        for (int i = 0; i < Joins; i++)
        {
            using SharedBroadcastReader<Quote> reader = writer.OpenReader(PeerRole.Reader, WaitMode.Park, WaitFence.Full);
            for (int k = 1; k <= i % 8; k++)
            {
                Quote quote = reader.Read();
                if (!quote.IsWhole || quote.Number != reader.Position - 1 || reader.Start + k + reader.Lost != reader.Position
                    || (lossless && reader.Lost != 0))
                    Assert.Fail($"Message {quote.Number} at {reader.Position}, from {reader.Start} on {k} received, {reader.Lost} lost.");
            }
        }

        using SharedBroadcastReader<Quote> last = writer.OpenReader(PeerRole.Reader, WaitMode.Park, WaitFence.Full);
        Volatile.Write(ref stop, true);
        long receivedLast = 0;
        while (last.WaitToRead())
        {
            while (last.TryRead(out _))
                receivedLast++;
        }

        writing.Join();
        reading.Join();
        Assert.Equal(writer.Position, received + constant.Lost);
        Assert.Equal(writer.Position - last.Start, receivedLast + last.Lost);
        if (lossless)
            Assert.Equal(0, constant.Lost + last.Lost);
        Close(writer, constant);
    }

    private static void Close(SharedBroadcastWriter<Quote> writer, params SharedBroadcastReader<Quote>[] readers)
    {
        foreach (SharedBroadcastReader<Quote> reader in readers)
            reader.Dispose();
        writer.Dispose();
    }

    /// <summary>A reader that states what positions it likes.</summary>
    private sealed unsafe class ControlledReader : IDisposable
    {
        private readonly ConnectResult _attachment;
        private readonly TaskCompletionSource<SharedMemoryException> _dropped = new();

        public ControlledReader(SharedBroadcastOptions options)
        {
            BroadcastHost<Quote> host = new(EndpointName.Parse("@controlled"), options);
            Writer = new SharedBroadcastWriter<Quote>(host);
            Writer.PeerRefused += (_, refused) => _dropped.TrySetResult(refused.Reason);
            ConnectRequest terms = new(
                ChannelKind.Broadcast, PeerRole.Reader, [LayoutAdvertisement.Of<Quote>()], new OpenOptions(),
                (received, welcome) =>
                {
                    RingShape shape = RingShape.FromParameters(welcome.Parameters);
                    return new ClientRegions(Ring.From(
                        Ring.Attach(received.Take(0), welcome.Regions[0].Size, shape, LayoutDescriptor.Of<Quote>()), shape));
                })
            {
                MakePlaceholder = () => throw new NotSupportedException(),
            };
            _attachment = host.Pair(terms);
        }

        public SharedBroadcastWriter<Quote> Writer { get; }

        public Task<SharedMemoryException> Dropped => _dropped.Task;

        public ulong Head
        {
            set => Volatile.Write(ref *_attachment.Link.Own.Head, value);
        }

        public void Dispose()
        {
            _attachment.Dispose();
            Writer.Dispose();
        }
    }
}
