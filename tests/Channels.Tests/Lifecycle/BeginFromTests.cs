using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>States and tables that begin with what a reader still has of those before.</summary>
[Collection(nameof(CountingTests))]
public sealed class BeginFromTests
{
    private static readonly OpenOptions s_reader = new() { Reconnect = true, KeepDescriptor = true, Timeout = Until.Patience };

    private readonly string _name = NamesDirectory.NewName("begin");

    [Fact]
    public async Task A_state_goes_on_from_a_reader_that_has_it_still()
    {
        SharedStateWriter<Quote> first = SharedState.Create<Quote>(_name);
        for (int i = 1; i <= 21; i++)
            first.Write(Quote.Of(i));
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name, s_reader);
        reader.Read(out StateGeneration known);
        Task<bool> wait = reader.TryWaitAsync(known, Until.Patience).AsTask();
        SharedWaitSet set = new(reader);
        first.Dispose();
        await Until.Holds(() => reader.State == ConnectionState.Closed);

        using SharedStateWriter<Quote> second = SharedState.Create<Quote>(_name, new() { BeginFrom = reader.Region.Descriptor });
        await Until.Holds(() => reader.State == ConnectionState.Connected);

        // The value is the same, so nobody is told of a new one; but it is another region's.
        Assert.Equal(21, second.Version);
        Assert.Equal(21, second.Read().Number);
        Assert.False(reader.HasChanged(known));
        Assert.False(set.TryWaitAny(out _, TimeSpan.FromMilliseconds(50)));
        Assert.Equal(21, reader.Read(out StateGeneration now).Number);
        Assert.Equal(21, now.Version);
        Assert.NotEqual(known.Epoch, now.Epoch);
        Assert.False(wait.IsCompleted);

        using (StateClaim<Quote> claim = second.Update())
        {
            Assert.Equal(21, claim.Value.Number);
            claim.Value = Quote.Of(22);
            claim.Commit();
        }

        Assert.True(await wait);
        Assert.True(set.TryWaitAny(out _, Until.Patience));
        Assert.Equal(22, reader.Read(out now).Number);
        Assert.Equal(22, now.Version);
    }

    [Fact]
    public void Values_of_the_same_version_are_different_ones_where_a_state_goes_on_from_another_region()
    {
        (SharedStateWriter<Quote> root, SharedStateReader<Quote> kept) = SharedState.CreatePair<Quote>(null, s_reader);
        using (root)
        using (kept)
        {
            root.Write(Quote.Of(1));
            SharedStateOptions options = new() { BeginFrom = kept.Region.Descriptor };
            (SharedStateWriter<Quote> one, SharedStateReader<Quote> ofOne) = SharedState.CreatePair<Quote>(options);
            (SharedStateWriter<Quote> two, SharedStateReader<Quote> ofTwo) = SharedState.CreatePair<Quote>(options);
            kept.Read(out StateGeneration known);
            Assert.False(ofOne.HasChanged(known));
            Assert.False(ofTwo.HasChanged(known));

            // Both go on from version 1, each in its own way.
            one.Write(Quote.Of(2));
            two.Write(Quote.Of(-2));
            ofOne.Read(out known);
            Assert.Equal(2, known.Version);
            Assert.True(ofTwo.HasChanged(known));

            // And a version of the first region that was published after they went on.
            root.Write(Quote.Of(3));
            kept.Read(out known);
            Assert.True(ofOne.HasChanged(known));
            foreach (IDisposable end in (IDisposable[])[one, two, ofOne, ofTwo])
                end.Dispose();
        }
    }

    [Fact]
    public async Task A_table_goes_on_with_what_was_announced_and_what_was_not()
    {
        const int Count = 200;
        SharedTableWriter<Quote> first = SharedTable.Create<Quote>(_name, Count);
        for (int i = 0; i < 150; i++)
            first.Write(i, Quote.Of(i));
        using SharedTableReader<Quote> reader = SharedTable.Open<Quote>(_name, s_reader);
        TableGeneration known = default;
        Assert.Equal(Count, Taken(reader, ref known).Length);

        // As of a writer that is killed before it announces.
        TableBatch<Quote> batch = first.Batch();
        batch.Write(3, Quote.Of(1003));
        using SafeHandle descriptor = Duplicate(reader.Region.Descriptor);
        using SharedTableWriter<Quote> second = SharedTable.Create<Quote>($"{_name}-next", Count, new() { BeginFrom = descriptor });
        first.Dispose();
        using SharedTableReader<Quote> next = SharedTable.Open<Quote>($"{_name}-next");

        Assert.Equal(151, second.Generation.Changes);
        Assert.Equal([3], Taken(next, ref known));
        Assert.Equal(1003, next.Read(3).Number);
        for (int i = 4; i < 150; i++)
        {
            Assert.True(next.TryRead(i, out Quote quote, out long version));
            Assert.Equal((i, i + 1), (quote.Number, version));
        }

        Assert.Equal(default, next.Read(150));
        Task<bool> wait = next.TryWaitAsync(known, Until.Patience).AsTask();
        second.Write(199, Quote.Of(5));
        Assert.True(await wait);
        Assert.Equal([199], Taken(next, ref known));
        Assert.Equal(152, known.Changes);
        Assert.Equal(1003, second.Read(3, out long last).Number);
        Assert.Equal(151, last);
    }

    [Fact]
    public void A_live_table_goes_on_with_elements_that_were_never_marked()
    {
        using SharedTableWriter<Quote> first = SharedTable.Create<Quote>(_name, 3, new() { Live = true });
        first[1].Value = Quote.Of(4);
        first[2].Value = Quote.Of(5);
        first[2].MarkChanged();
        using SharedTableReader<Quote> kept = SharedTable.Open<Quote>(_name, s_reader);
        using SharedTableWriter<Quote> second =
            SharedTable.Create<Quote>($"{_name}-next", 3, new() { Live = true, BeginFrom = kept.Region.Descriptor });
        Assert.Equal(4, second[1].Value.Number);
        Assert.Equal(5, second[2].Value.Number);
        Assert.Equal(1, second.Generation.Changes);
    }

    [Fact]
    public async Task What_is_no_such_region_is_refused_and_the_name_is_free()
    {
        (SharedStateWriter<Quote> state, SharedStateReader<Quote> kept) = SharedState.CreatePair<Quote>(null, s_reader);
        using (state)
        using (kept)
        {
            state.Write(Quote.Of(1));
            SafeHandle region = kept.Region.Descriptor;
            string message = Refusal(() => SharedState.Create<Answer>(_name, new() { BeginFrom = region }));
            Assert.Contains($"'{_name}' cannot begin from the region of BeginFrom", message, StringComparison.Ordinal);
            Assert.Contains("states another layout", message, StringComparison.Ordinal);
            Refusal(() => SharedState.Create<Quote>(_name, new() { BeginFrom = region, PublishTimes = true }));
            Refusal(() => SharedTable.Create<Quote>(_name, 1, new() { BeginFrom = region }));
            using (SafeFileHandle file = File.OpenHandle("/proc/self/exe"))
                Assert.Contains("is no memfd", Refusal(() => SharedState.Create<Quote>(_name, new() { BeginFrom = file })),
                    StringComparison.Ordinal);

            // Nothing of it is left, and the descriptor is still the caller's.
            ResourceCount before = ResourceCount.Now();
            Refusal(() => SharedState.Create<Answer>(_name, new() { BeginFrom = region }));
            await before.Returns();
            using SharedStateWriter<Quote> next = SharedState.Create<Quote>(_name, new() { BeginFrom = region });
            Assert.Equal(1, next.Read().Number);
        }
    }

    [Fact]
    public void A_reader_keeps_its_descriptor_only_if_it_was_asked_to()
    {
        (SharedStateWriter<Quote> state, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        using (state)
        using (reader)
            Assert.True(reader.Region.Descriptor.IsClosed);
        Assert.Throws<ObjectDisposedException>(
            () => SharedState.Create<Quote>(_name, new() { BeginFrom = reader.Region.Descriptor }));
    }

    private static string Refusal(Func<IDisposable> create) => Assert.Throws<RegionInvalidException>(create).Message;

    private static int[] Taken(SharedTableReader<Quote> reader, ref TableGeneration known)
    {
        List<int> taken = [];
        foreach (int i in reader.TakeChanges(ref known))
            taken.Add(i);
        return [.. taken];
    }

    private static Interop.SafeDescriptor Duplicate(SafeHandle descriptor) => Interop.Native.Duplicate(descriptor);
}
