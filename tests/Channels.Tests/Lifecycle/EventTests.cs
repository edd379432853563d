using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>Events that happen before there is a handler are told to the first one, once.</summary>
public sealed class EventTests
{
    private readonly string _name = $"@typedshm-test-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_late_handler_learns_of_everyone_who_is_there()
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name);
        using SharedStateReader<Quote> first = SharedState.Open<Quote>(_name);
        using SharedStateReader<Quote> second = SharedState.Open<Quote>(_name);
        int joined = 0;
        int again = 0;
        state.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        state.PeerJoined += (_, _) => Interlocked.Increment(ref again);
        await Until.Holds(() => joined == 2 && again == 2);
        using SharedStateReader<Quote> third = SharedState.Open<Quote>(_name);
        await Until.Holds(() => joined == 3 && again == 3);
    }

    [Fact]
    public async Task The_first_handler_learns_of_those_who_have_come_and_gone()
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name);
        SharedState.Open<Quote>(_name).Dispose();
        await Until.Holds(() => state.Peers.Count == 0);
        using SharedStateReader<Quote> there = SharedState.Open<Quote>(_name);
        int joined = 0;
        int left = 0;
        state.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        state.PeerLeft += (_, _) => Interlocked.Increment(ref left);
        await Until.Holds(() => joined == 2 && left == 1);
        there.Dispose();
        await Until.Holds(() => left == 2);
        Assert.Equal(2, joined);
    }

    /// <summary>However joining, leaving and subscribing fall together.</summary>
    [Fact]
    public async Task No_handler_misses_or_doubles_a_peer()
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name);
        Task joining = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
                (await SharedState.OpenAsync<Quote>(_name)).Dispose();
        });
        int joined = 0;
        int left = 0;
        await Until.Holds(() => state.Peers.Count > 0 || joining.IsCompleted);
        state.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        state.PeerLeft += (_, _) => Interlocked.Increment(ref left);
        await joining;
        await Until.Holds(() => joined == 50 && left == 50);
    }

    [Fact]
    public async Task The_first_handler_learns_of_refusals_and_of_changes_of_state()
    {
        SharedStateWriter<Quote> state = SharedState.Create<Quote>(_name, new() { MaxPeers = 1 });
        using SharedStateReader<Quote> reader = SharedState.Open<Quote>(_name);
        Assert.Throws<PeerRefusedException>(() => SharedState.Open<Quote>(_name));
        TaskCompletionSource refused = new();
        state.PeerRefused += (_, _) => refused.TrySetResult();
        await refused.Task.WaitAsync(Until.Patience);
        state.Dispose();
        await Until.Holds(() => reader.State == ConnectionState.Closed);
        TaskCompletionSource<ConnectionState> changed = new();
        reader.StateChanged += (_, change) => changed.TrySetResult(change.State);
        Assert.Equal(ConnectionState.Closed, await changed.Task.WaitAsync(Until.Patience));
    }
}
