using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Table;

public class SharedTableTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    // One block, several, two and three levels of blocks; the last ones not full.
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    [InlineData(300_000)]
    public void The_elements_that_changed_are_found_and_no_others(int count)
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(count);
        TableGeneration known = default;
        Assert.Equal(Enumerable.Range(0, count), Changed());
        Assert.Empty(Changed());
        Random random = new(count);
        for (int round = 0; round < 50; round++)
        {
            SortedSet<int> written = [];
            for (int k = round % 7; k >= 0; k--)
            {
                int index = k == 0 ? count - 1 : random.Next(count);
                written.Add(index);
                table.Write(index, Quote.Of(round));
                table.Write(index, Quote.Of(round + 1));
            }

            Assert.Equal(written, Changed());
            foreach (int index in written)
                Assert.Equal(round + 1, reader.Read(index).Number);
            Assert.Empty(Changed());
        }

        Close(table, reader);

        List<int> Changed()
        {
            List<int> indices = [];
            foreach (int index in reader.TakeChanges(ref known))
                indices.Add(index);
            return indices;
        }
    }

    [Fact]
    public void An_element_has_its_value_and_the_number_of_its_last_change()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(3);
        Assert.True(reader.TryRead(1, out Quote quote, out long version));
        Assert.Equal((0, 0), (quote.Number, version));
        table.Write(1, Quote.Of(10));
        table.Write(2, Quote.Of(20));
        using (TableClaim<Quote> claim = table.Update(1))
        {
            Assert.Equal(10, claim.View.Number);
            claim.Value = Quote.Of(11);
            Assert.Equal(10, reader.Read(1).Number);
            claim.Commit();
        }

        using (TableClaim<Quote> claim = table.Update(2))
            claim.View.Number = 99;
        Assert.True(reader.TryRead(1, out quote, out version));
        Assert.Equal((11, 3), (quote.Number, version));
        Assert.True(reader.TryRead(2, out quote, out version));
        Assert.Equal((20, 2), (quote.Number, version));
        Assert.Equal(3, reader.Generation.Changes);
        Close(table, reader);
    }

    [Fact]
    public void A_claim_that_is_over_is_refused()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1);
        TableClaim<Quote> first = table.Update(0);
        TableClaim<Quote> second = table.Update(0);
        second.Commit();
        bool refused = false;
        try
        {
            first.Commit();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
        try
        {
            second.Value.Number = 1;
            Assert.Fail("The claim was committed.");
        }
        catch (InvalidOperationException)
        {
            Assert.Equal(1, reader.Generation.Changes);
        }

        Close(table, reader);
    }

    [Fact]
    public void A_lease_tells_whether_its_element_was_overwritten_meanwhile()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(2);
        table.Write(0, Quote.Of(1));
        TableLease<Quote> lease = reader.Lease(0);
        Assert.Equal(1, lease.View.Number);
        Assert.Equal(1, lease.Version);
        table.Write(1, Quote.Of(2));
        Assert.True(lease.IsIntact);
        table.Write(0, Quote.Of(3));
        Assert.False(lease.IsIntact);
        lease = reader.Lease(0);
        Assert.True(lease.IsIntact);
        reader.Dispose();
        Assert.False(lease.IsIntact);
        table.Dispose();
    }

    [Fact]
    public void Live_elements_are_written_and_read_in_place()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(100, new() { Live = true });
        TableGeneration known = reader.Generation;
        table[70].View.Price = 2.5;
        Assert.Equal(2.5, reader[70].View.Price);
        Assert.Equal(0, reader[70].Version);
        Assert.Equal(known, reader.Generation);
        table[70].MarkChanged();
        Assert.Equal(1, reader[70].Version);
        table.Write(3, Quote.Of(4));
        using (TableClaim<Quote> claim = table.Update(4))
        {
            claim.Value = Quote.Of(5);
            claim.Commit();
        }

        using (TableBatch<Quote> batch = table.Batch())
            batch.MarkChanged(5);
        List<int> changed = [];
        foreach (int index in reader.TakeChanges(ref known))
            changed.Add(index);
        Assert.Equal([3, 4, 5, 70], changed);
        Assert.Equal(4, reader.Read(3).Number);
        Assert.Equal(5, reader[4].Value.Number);
        Close(table, reader);
    }

    [Fact]
    public void What_is_not_live_is_not_handed_out_in_place()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1);
        Assert.Throws<InvalidOperationException>(() => table[0].MarkChanged());
        Assert.Throws<InvalidOperationException>(() => reader[0].Version);
        Assert.Throws<InvalidOperationException>(() => MarkInBatch(table));
        Close(table, reader);

        static void MarkInBatch(SharedTableWriter<Quote> table)
        {
            using TableBatch<Quote> batch = table.Batch();
            batch.MarkChanged(0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_index_beyond_the_table_is_refused(bool live)
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(10, new() { Live = live });
        foreach (int index in (int[])[-1, 10, int.MaxValue, int.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(index, default));
            Assert.Throws<ArgumentOutOfRangeException>(() => table.Update(index).Commit());
            Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(index));
            Assert.Throws<ArgumentOutOfRangeException>(() => reader.Lease(index).Version);
            if (live)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => table[index].MarkChanged());
                Assert.Throws<ArgumentOutOfRangeException>(() => reader[index].Version);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => SharedTable.CreatePair<Quote>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedTable.CreatePair<Quote>((1 << 24) + 1));
        Close(table, reader);
    }

    [Theory]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    public async Task No_change_is_missed_and_no_element_is_torn_while_threads_write_different_elements(WaitMode mode, WaitFence fence)
    {
        const int Count = 200;
        int last = mode == WaitMode.Spin ? 100 : 1000;
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) =
            SharedTable.CreatePair<Quote>(Count, new() { Wait = mode, Fence = fence });
        Task[] writing = [.. Enumerable.Range(0, 2).Select(half => Task.Factory.StartNew(
            () =>
            {
                for (int number = 1; number <= last; number++)
                {
                    for (int i = half; i < Count; i += 2)
                        table.Write(i, Quote.Of(number));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        long[] numbers = new long[Count];
        TableGeneration known = default;
        while (numbers.Any(number => number != last))
        {
            Assert.True(reader.TryWait(known, s_patience));
            foreach (int i in reader.TakeChanges(ref known))
            {
                // A contended element is announced again: it is being written.
                if (!reader.TryRead(i, out Quote quote, out _))
                    continue;
                if (!quote.IsWhole || quote.Number < numbers[i])
                    Assert.Fail($"Element {i} is {quote.Number} after {numbers[i]}, whole: {quote.IsWhole}.");
                numbers[i] = quote.Number;
            }
        }

        await Task.WhenAll(writing);
        Assert.Equal(Count * last, reader.Generation.Changes);
        Close(table, reader);
    }

    [Fact]
    public async Task A_batch_wakes_once_when_it_is_disposed()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(100);
        TableGeneration known = reader.Generation;
        Task<bool> wait = reader.TryWaitAsync(known, s_patience).AsTask();
        WriteInBatch();
        Assert.True(await wait);
        Assert.Equal(101, reader.Generation.Changes);
        Close(table, reader);

        void WriteInBatch()
        {
            using TableBatch<Quote> batch = table.Batch();
            for (int i = 0; i < 100; i++)
                batch.Write(i, Quote.Of(i));
            using (TableClaim<Quote> claim = batch.Update(7))
                claim.Commit();
            Assert.Equal(7, reader.Read(7).Number);
            Assert.Equal(known, reader.Generation);
            Assert.False(wait.IsCompleted);
        }
    }

    [Fact]
    public async Task Waits_end_with_their_token_their_time_their_reader_and_their_table()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1);
        SharedTableReader<Quote> other = Opening.Join(
            table.Host, new OpenOptions { Wait = WaitMode.Park }, TableClient<Quote>.Request, opened =>
                new SharedTableReader<Quote>(new TableClient<Quote>(opened)));
        TableGeneration known = reader.Generation;
        Assert.False(reader.TryWait(known, TimeSpan.FromMilliseconds(10)));
        Assert.False(await reader.TryWaitAsync(known, TimeSpan.FromMilliseconds(10)));
        using CancellationTokenSource stop = new();
        Task onThread = Run(() => reader.Wait(known, stop.Token));
        Task onTask = reader.WaitAsync(known, stop.Token).AsTask();
        await Task.Delay(20);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onThread.WaitAsync(s_patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onTask.WaitAsync(s_patience));

        onThread = Run(() => reader.Wait(known));
        onTask = reader.WaitAsync(known).AsTask();
        await Task.Delay(20);
        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => onThread.WaitAsync(s_patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => onTask.WaitAsync(s_patience));
        Assert.Throws<ObjectDisposedException>(() => reader.Read(0));

        onTask = other.WaitAsync(known).AsTask();
        table.Write(0, Quote.Of(1));
        await onTask.WaitAsync(s_patience);
        onTask = other.WaitAsync(other.Generation).AsTask();
        table.Dispose();
        await Assert.ThrowsAsync<PeerGoneException>(() => onTask.WaitAsync(s_patience));
        Assert.Equal(1, other.Read(0).Number);
        Assert.Throws<ObjectDisposedException>(() => table.Write(0, default));
        other.Dispose();

        static Task Run(Action action) =>
            Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_wait_set_waits_for_changes_that_were_not_taken()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1);
        TableGeneration known = default;
        reader.TakeChanges(ref known);
        SharedWaitSet set = new(reader);
        Assert.False(set.TryWaitAny(out _, TimeSpan.FromMilliseconds(10)));
        Task<int> wait = set.WaitAnyAsync().AsTask();
        table.Write(0, Quote.Of(1));
        Assert.Equal(0, await wait);
        reader.TakeChanges(ref known);
        Assert.False(set.TryWaitAny(out _, TimeSpan.Zero));
        Close(table, reader);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(3UL)]
    public unsafe void Words_that_make_no_sense_lead_nowhere(ulong hostile)
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(5000);
        RegionHeader header = table.Region.Header;
        byte* start = (byte*)table.Region.Address;
        new Span<ulong>(start + header.ControlOffset, (int)header.ControlLength / sizeof(ulong)).Fill(hostile);
        for (int i = 0; i < 5000; i++)
            *(ulong*)(start + header.DataOffset + (i * header.Stride)) = hostile;
        TableGeneration known = default;
        int found = 0;
        foreach (int index in reader.TakeChanges(ref known))
        {
            Assert.InRange(index, 0, 4999);
            Assert.True(reader.TryRead(index, out _, out _));
            found++;
        }

        Assert.InRange(found, 0, 5000);
        Close(table, reader);
    }

    [Theory]
    [InlineData]
    [InlineData(5L)]
    [InlineData(0L, 0L)]
    [InlineData(-1L, 0L)]
    [InlineData(1L << 40, 0L)]
    [InlineData(5L, 2L)]
    public void Parameters_that_describe_no_table_are_refused(params long[] parameters) =>
        Assert.Throws<ProtocolException>(() => TableShape.FromParameters(parameters));

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        (SharedTableWriter<Quote> table, SharedTableReader<Quote> reader) = SharedTable.CreatePair<Quote>(1000);
        TableGeneration known = default;
        Round(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Close(table, reader);

        void Round(int count)
        {
            for (int i = 0; i < count; i++)
            {
                table.Write(i % 1000, Quote.Of(i));
                using (TableBatch<Quote> batch = table.Batch())
                    batch.Write(i % 999, Quote.Of(i));
                using (TableClaim<Quote> claim = table.Update(i % 998))
                    claim.Commit();
                reader.Wait(known);
                foreach (int index in reader.TakeChanges(ref known))
                    reader.Read(index);
            }
        }
    }

    [Fact]
    public void Of_a_writer_killed_in_the_middle_of_an_element_the_last_good_value_is_left()
    {
        string name = $"@table-{Guid.NewGuid():N}";
        using Peer peer = ChannelPeer.Start("table-half", name, "100");
        peer.Expect("half");
        using SharedTableReader<Quote> reader = SharedTable.Open<Quote>(name);
        peer.Kill();
        TableGeneration known = reader.Generation;
        Assert.Throws<PeerGoneException>(() => reader.Wait(known));
        for (int i = 0; i < 100; i++)
        {
            Assert.True(reader.Read(i).IsWhole);
            Assert.Equal(i, reader.Read(i).Number);
        }
    }

    [Fact]
    public async Task A_table_of_another_creator_counts_as_changed_as_a_whole()
    {
        string name = $"@table-{Guid.NewGuid():N}";
        SharedTableWriter<Quote> first = SharedTable.Create<Quote>(name, 3);
        first.Write(1, Quote.Of(1));
        using SharedTableReader<Quote> reader = SharedTable.Open<Quote>(name, new OpenOptions { Reconnect = true });
        TableGeneration known = reader.Generation;
        Task<bool> wait = reader.TryWaitAsync(known, s_patience).AsTask();
        first.Dispose();
        using SharedTableWriter<Quote> second = SharedTable.Create<Quote>(name, 5);
        Assert.True(await wait);
        Assert.Equal(5, reader.Count);
        int found = 0;
        foreach (int index in reader.TakeChanges(ref known))
            found++;
        Assert.Equal(5, found);
        Assert.Equal(0, reader.Read(1).Number);
    }

    [Fact]
    public void Five_thousand_elements_pass_between_processes()
    {
        string name = $"@table-{Guid.NewGuid():N}";
        using Peer writer = ChannelPeer.Start("table-load", name, "5000", "200", "0");
        writer.Expect("open");
        using Peer reader = ChannelPeer.Start("table-follow", name, "200");
        reader.Expect("open");
        writer.Tell("go on");
        Assert.StartsWith("saw ", reader.Read(), StringComparison.Ordinal);
        Assert.StartsWith("wrote 1000000 ", writer.Read(), StringComparison.Ordinal);
        writer.Tell("end");
        reader.WaitForExit();
        writer.WaitForExit();
    }

    private static void Close(SharedTableWriter<Quote> table, params SharedTableReader<Quote>[] readers)
    {
        foreach (SharedTableReader<Quote> reader in readers)
            reader.Dispose();
        table.Dispose();
    }
}
