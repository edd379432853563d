using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>Services that are killed and started again, and readers that hardly notice.</summary>
[Collection(nameof(CountingTests))]
public sealed class RestartTests : IAsyncLifetime
{
    private const int Restarts = 4;
    private const int Elements = 70;

    private static readonly OpenOptions s_reconnect = new() { Timeout = Until.Patience, Reconnect = true };
    private static readonly Random s_random = new(7);

    private readonly string _name = NamesDirectory.NewName("restart");
    private ResourceCount _before = null!;

    private static string Program => ChannelPeer.Program;

    public async Task InitializeAsync()
    {
        // What the runtime opens at first use is there before the first count.
        using (ServiceManager manager = new())
        using (Peer peer = manager.Start(Program, "keeps", $"{_name}-warm"))
            peer.Read();
        using (SharedStateWriter<Quote> state = SharedState.Create<Quote>($"{_name}-warm"))
        using (await SharedState.OpenAsync<Quote>($"{_name}-warm"))
            _before = ResourceCount.Now();
        _before = ResourceCount.Now();
    }

    public Task DisposeAsync() => _before.Returns();

    [Fact]
    public async Task A_reader_of_a_state_reads_on_while_its_writer_is_killed_again_and_again()
    {
        using ServiceManager manager = new();
        Peer service = manager.Start(Program, "restarting-state", _name);
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name, s_reconnect);
        long version = 0;
        for (int i = 0; i < Restarts; i++)
        {
            long begun = version;
            await Until.Holds(() => ReadsOn(reader, ref version) > begun + 100, "the service writes");
            await Task.Delay(s_random.Next(20));
            service.Dispose();

            // The last value is there for as long as nobody writes another one.
            await Until.Holds(() => reader.State != ConnectionState.Connected, "the death is noticed");
            Assert.Equal(ReadsOn(reader, ref version), ReadsOn(reader, ref version));
            service = manager.Start(Program, "restarting-state", _name);
        }

        long last = version;
        await Until.Holds(() => ReadsOn(reader, ref version) > last, "the last one writes");
        await Until.Holds(() => manager.Names is [var name] && name == $"{_name}.{Restarts + 1}", "only its region is kept");
        service.Dispose();
    }

    [Fact]
    public async Task A_reader_of_a_table_misses_no_change_of_a_writer_that_is_killed_again_and_again()
    {
        using ServiceManager manager = new();
        string[] command = ["restarting-table", _name, $"{Elements}"];
        Peer service = manager.Start(Program, command);
        using SharedTableReader<Quote> reader = SharedTable.Open<Quote>(_name, s_reconnect);
        long[] versions = new long[Elements];
        TableGeneration known = default;
        for (int i = 0; i < Restarts; i++)
        {
            long begun = known.Changes;
            await Until.Holds(() => TakesOn(reader, ref known, versions) > begun + 100, "the service writes");
            await Task.Delay(s_random.Next(20));
            service.Dispose();
            await Until.Holds(() => reader.State != ConnectionState.Connected, "the death is noticed");
            TakesOn(reader, ref known, versions);
            TableGeneration last = known;

            // Elements that were never written since are not taken again: of the successor's changes each one is a new one.
            service = manager.Start(Program, command);
            await Until.Holds(() => reader.Generation.Changes > last.Changes, "the successor writes");
        }

        service.Dispose();
    }

    [Fact]
    public void The_later_of_two_descriptors_under_one_name_is_taken()
    {
        using ServiceManager manager = new() { IgnoresRemovals = true };
        using (Peer first = manager.Start(Program, "keeps", _name))
        {
            first.Expect("took nothing");
            first.Expect("kept");
        }

        Assert.Equal([$"{_name}.1", $"{_name}.2"], manager.Names);
        manager.IgnoresRemovals = false;
        using Peer second = manager.Start(Program, "keeps", _name);
        second.Expect($"took /memfd:typedshm:{_name}-second (deleted)");
        second.Expect("kept");
        Assert.Equal([$"{_name}.4"], manager.Names);
    }

    [Fact]
    public void Outside_of_systemd_nothing_is_kept_and_nothing_taken()
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name);
        Assert.False(SystemdStore.TryTake("pose", out _));
        Assert.False(SystemdStore.TryKeep("pose", state.Region.Descriptor));
        foreach (string name in (string[])["", "a:b", "a b", "ä", new string('a', 201)])
            Assert.ThrowsAny<ArgumentException>(() => SystemdStore.TryKeep(name, state.Region.Descriptor));
    }

    // What is read is whole, and never older than what was read before; nothing is left out or comes twice in the count.
    private static long ReadsOn(SharedStateReader<Quote> reader, ref long version)
    {
        Quote quote = reader.Read(out StateGeneration generation);
        Assert.True(quote.IsWhole, $"{quote.Number} is not whole.");
        Assert.Equal(generation.Version, quote.Number);
        Assert.True(generation.Version >= version, $"Version {generation.Version} came after {version}.");
        Assert.Equal(generation.Version != 0, generation.PublishedAt != 0);
        return version = generation.Version;
    }

    private static long TakesOn(SharedTableReader<Quote> reader, ref TableGeneration known, long[] versions)
    {
        long before = known.Changes;
        foreach (int i in reader.TakeChanges(ref known))
        {
            if (!reader.TryRead(i, out Quote quote, out long version))
                continue;
            Assert.True(
                quote.IsWhole && quote.Number == version && version % Elements == i, $"Element {i} is {quote.Number} of {version}.");
            Assert.True(version >= versions[i], $"Version {version} of element {i} came after {versions[i]}.");
            Assert.True(version > before, $"Version {version} of element {i} was known with {before}.");
            versions[i] = version;
        }

        Assert.True(known.Changes >= before, $"Change {known.Changes} came after {before}.");
        return known.Changes;
    }
}
