using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Broadcast;

/// <summary>Broadcasts between processes, which are killed and stopped.</summary>
public class ProcessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly string _name = $"@broadcast-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public async Task Of_a_writer_killed_in_the_middle_of_a_message_all_earlier_ones_are_read(int count)
    {
        using Peer peer = ChannelPeer.Start("broadcast-half-message", _name, $"{count}");
        peer.Expect("open");
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(_name);
        peer.Tell("go on");
        peer.Expect("half");
        peer.Kill();
        long received = 0;
        await Assert.ThrowsAsync<PeerGoneException>(async () =>
        {
            while (await reader.WaitToReadAsync())
            {
                while (reader.TryRead(out Quote quote))
                {
                    Assert.True(quote.IsWhole);
                    Assert.Equal(reader.Position - 1, quote.Number);
                    received++;
                }
            }
        });
        Assert.Equal(count, received + reader.Lost);
        Assert.Equal(ConnectionState.Lost, reader.State);
        if (count < 8)
            Assert.Equal(0, reader.Lost);
    }

    [Theory]
    [InlineData("lossy")]
    [InlineData("lossless")]
    public async Task A_writer_killed_anywhere_leaves_whole_messages_and_an_end(string kind)
    {
        for (int i = 0; i < 5; i++)
        {
            string name = $"{_name}-{i}";
            using Peer peer = ChannelPeer.Start("broadcast-write", name, kind);
            peer.Expect("open");
            using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name);
            peer.Tell("go on");
            long received = 0;
            while (received < 1000)
                Read();
            peer.Kill();
            PeerGoneException gone = Assert.Throws<PeerGoneException>(() =>
            {
                while (reader.WaitToRead())
                    Read();
            });
            Assert.False(gone.WasClosed);
            Assert.Equal(reader.Position, received + reader.Lost);
            Assert.True(kind == "lossy" || reader.Lost == 0);

            void Read()
            {
                while (reader.TryRead(out Quote quote))
                {
                    if (!quote.IsWhole || quote.Number != reader.Position - 1)
                        Assert.Fail($"Message {quote.Number} at {reader.Position}.");
                    received++;
                }
            }
        }
    }

    [Fact]
    public async Task A_killed_reader_holds_the_writer_up_no_more()
    {
        using SharedBroadcastWriter<Quote> writer = SharedBroadcast.Create<Quote>(_name, new() { Capacity = 8, Lossless = true });
        using Peer peer = ChannelPeer.Start("broadcast-keep", _name, "2");
        peer.Expect("open");
        for (int i = 0; i < 8; i++)
            writer.Write(Quote.Of(i));
        peer.Expect("keeps 2");
        Assert.True(writer.TryWrite(Quote.Of(8), s_patience));
        Assert.True(writer.TryWrite(Quote.Of(9), s_patience));
        Assert.False(writer.TryWrite(Quote.Of(10)));
        Task waiting = Task.Factory.StartNew(
            () => writer.Write(Quote.Of(10)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        peer.Kill();
        await waiting.WaitAsync(s_patience);
        for (int i = 0; i < 100; i++)
            writer.Write(Quote.Of(i));
    }

    [Fact]
    public async Task A_stopped_reader_is_alive_and_holds_the_writer_up()
    {
        using SharedBroadcastWriter<Quote> writer = SharedBroadcast.Create<Quote>(_name, new() { Capacity = 8, Lossless = true });
        using Peer peer = ChannelPeer.Start("broadcast-keep", _name, "2");
        peer.Expect("open");
        await peer.Stop();
        for (int i = 0; i < 8; i++)
            Assert.True(writer.TryWrite(Quote.Of(i)));
        Assert.False(writer.TryWrite(Quote.Of(8), TimeSpan.FromMilliseconds(300)));
        Assert.Single(writer.Peers);
        peer.Continue();
        peer.Expect("keeps 2");
        Assert.True(writer.TryWrite(Quote.Of(8), s_patience));
        peer.Tell("go on");
        peer.Expect("intact");
        for (int i = 9; i < 30; i++)
            writer.Write(Quote.Of(i));
        writer.Complete();
        peer.Expect("complete");
    }

    [Fact]
    public async Task A_stopped_reader_is_cut_off_and_learns_it_when_it_goes_on()
    {
        using SharedBroadcastWriter<Quote> writer =
            SharedBroadcast.Create<Quote>(_name, new() { Capacity = 8, Lossless = true, CutOffAfter = TimeSpan.FromMilliseconds(100) });
        TaskCompletionSource<SharedMemoryException> dropped = new();
        writer.PeerRefused += (_, refused) => dropped.TrySetResult(refused.Reason);
        using Peer peer = ChannelPeer.Start("broadcast-keep", _name, "2");
        peer.Expect("open");
        for (int i = 0; i < 3; i++)
            writer.Write(Quote.Of(i));
        peer.Expect("keeps 2");
        await peer.Stop();
        for (int i = 3; i < 30; i++)
            writer.Write(Quote.Of(i));
        Assert.IsType<CutOffException>(await dropped.Task.WaitAsync(s_patience));
        peer.Continue();
        peer.Tell("go on");
        peer.Expect("overwritten");
        peer.Expect(nameof(CutOffException));
    }

    [Fact]
    public async Task A_fenced_reader_of_another_process_joins_and_leaves_a_running_broadcast()
    {
        using SharedBroadcastWriter<Quote> writer = SharedBroadcast.Create<Quote>(_name, new() { Capacity = 64, Lossless = true });
        using Peer peer = ChannelPeer.Start("broadcast-join-and-leave", _name, "200");
        using CancellationTokenSource stop = new();
        Thread writing = new(() =>
        {
            for (long i = 0; !stop.IsCancellationRequested; i++)
                writer.Write(Quote.Of(i));
        });
        writing.Start();
        try
        {
            peer.Expect("fine");
        }
        finally
        {
            await stop.CancelAsync();
            writing.Join();
        }
    }

    [Fact]
    public async Task A_reader_that_connects_again_reads_the_rest_of_the_old_messages_and_then_the_new_ones()
    {
        SharedBroadcastWriter<Quote> first = SharedBroadcast.Create<Quote>(_name, new() { Capacity = 8 });
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(_name, new OpenOptions { Reconnect = true });
        first.Write(Quote.Of(1));
        first.Write(Quote.Of(2));
        Assert.Equal(1, reader.Read().Number);
        TaskCompletionSource connected = new();
        reader.StateChanged += (_, changed) =>
        {
            if (changed.State == ConnectionState.Connected)
                connected.TrySetResult();
        };
        first.Dispose();
        using SharedBroadcastWriter<Quote> second = SharedBroadcast.Create<Quote>(_name, new() { Capacity = 16 });
        await connected.Task.WaitAsync(s_patience);
        second.Write(Quote.Of(100));
        Assert.Equal(2, reader.Read().Number);
        Assert.Equal(100, reader.Read().Number);
        Assert.Equal((16, 1, 0), (reader.Capacity, reader.Position, reader.Lost));
        Task<bool> wait = reader.WaitToReadAsync().AsTask();
        second.Write(Quote.Of(101));
        Assert.True(await wait.WaitAsync(s_patience));
        Assert.Equal(101, reader.Read().Number);
        second.Complete();
        Assert.False(reader.WaitToRead());
    }
}
