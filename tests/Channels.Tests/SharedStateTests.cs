using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

public class SharedStateTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_reader_sees_the_newest_value_and_whether_it_has_changed()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>(new() { PublishTimes = true });
        Assert.Equal(0, reader.Read(out StateGeneration first).Number);
        Assert.Equal(0, first.Version);
        Assert.False(reader.HasChanged(first));
        Assert.Throws<InvalidOperationException>(() => first.Age);
        for (int i = 1; i <= 100; i++)
        {
            writer.Write(Quote.Of(i));
            Assert.True(reader.HasChanged(first));
            Quote quote = reader.Read(out StateGeneration generation);
            Assert.True(quote.IsWhole);
            Assert.Equal(i, quote.Number);
            Assert.Equal(i, generation.Version);
            Assert.False(reader.HasChanged(generation));
            Assert.True(generation.Age >= TimeSpan.Zero);
        }

        writer.Dispose();
        Assert.Equal(100, reader.Read().Number);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read());
        Assert.Throws<ObjectDisposedException>(() => writer.Write(default));
    }

    [Fact]
    public void An_update_begins_with_the_current_value_and_counts_when_committed()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        writer.Write(Quote.Of(3));
        using (StateClaim<Quote> claim = writer.Update())
        {
            claim.Value.Spare = 5;
            Assert.Throws<InvalidOperationException>(() => writer.Write(default));
        }

        Assert.Equal(0, reader.Read().Spare);
        using (StateClaim<Quote> claim = writer.Update())
        {
            claim.Value.Spare = 5;
            claim.Commit();
        }

        Assert.Equal(5, reader.Read().Spare);
        Assert.Equal(3, reader.Read().Number);
        using (StateClaim<Quote> claim = writer.Replace())
        {
            claim.Value = Quote.Of(4);
            claim.Commit();
        }

        Assert.Equal(4, writer.Read().Number);
        Assert.Equal(0, reader.Read().Spare);
        writer.Dispose();
        reader.Dispose();
    }

    [Fact]
    public void A_lease_is_intact_until_the_writer_may_come_to_its_cell()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        writer.Write(Quote.Of(1));
        StateLease<Quote> lease = reader.Lease();
        Assert.Equal(1, lease.Value.Number);
        for (int i = 2; i <= StateMemory<Quote>.Cells; i++)
            writer.Write(Quote.Of(i));
        Assert.True(lease.IsIntact);

        // From the moment on in which the writer opens the cell again.
        using (writer.Replace())
            Assert.False(lease.IsIntact);
        writer.Dispose();
        reader.Dispose();
        Assert.False(lease.IsIntact);
    }

    [Fact]
    public void No_value_is_torn_under_a_writer_that_never_rests()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        using (writer)
        using (reader)
        {
            bool stop = false;
            Thread writing = new(() =>
            {
                for (long i = 1; !Volatile.Read(ref stop); i++)
                    writer.Write(Quote.Of(i));
            });
            writing.Start();
            long last = 0;
            for (int i = 0; i < 200_000; i++)
            {
                if (!reader.TryRead(out Quote quote, out _))
                    continue;
                if (!quote.IsWhole || quote.Number < last)
                    Assert.Fail($"Found {quote.Number} after {last}, whole: {quote.IsWhole}.");
                last = quote.Number;
            }

            Volatile.Write(ref stop, true);
            writing.Join();
        }
    }

    [Theory]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    public async Task Everyone_who_waits_comes_to_the_last_value(WaitMode mode, WaitFence fence)
    {
        const int Last = 5_000;
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) =
            SharedState.CreatePair<Quote>(new() { Wait = mode, Fence = fence });
        using (writer)
        using (reader)
        {
            Task onThread = Task.Factory.StartNew(
                () =>
                {
                    StateGeneration generation;
                    while (reader.Read(out generation).Number < Last)
                        reader.Wait(generation);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            Task onTask = Task.Run(async () =>
            {
                await foreach (Quote quote in reader.ReadAllAsync())
                {
                    Assert.True(quote.IsWhole);
                    if (quote.Number == Last)
                        return;
                }
            });
            for (int i = 1; i <= Last; i++)
            {
                writer.Write(Quote.Of(i));
                if (i % 100 == 0)
                    await Task.Yield();
            }

            await onThread.WaitAsync(s_patience);
            await onTask.WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task Waits_end_with_the_writer()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        reader.Read(out StateGeneration generation);
        Assert.False(reader.TryWait(generation, TimeSpan.FromMilliseconds(10)));
        Task wait = reader.WaitAsync(generation).AsTask();
        await Task.Delay(10);
        writer.Dispose();
        await Assert.ThrowsAsync<PeerGoneException>(() => wait.WaitAsync(s_patience));
        reader.Dispose();
    }
}
