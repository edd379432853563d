using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>The wait protocol under the channel that was there first.</summary>
public class StructWaitTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_signal_ends_a_wait()
    {
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        using (owner)
        using (reader)
        {
            using ManualResetEventSlim done = new();
            Thread waiting = new(() =>
            {
                reader.Wait();
                done.Set();
            });
            waiting.Start();
            Assert.False(done.Wait(50));
            owner.Signal();
            Assert.True(done.Wait(s_patience));
            waiting.Join();
        }
    }

    [Fact]
    public async Task A_signal_ends_a_wait_without_a_thread()
    {
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        using (owner)
        using (reader)
        {
            Task waiting = reader.WaitAsync().AsTask();
            await Task.Delay(20);
            Assert.False(waiting.IsCompleted);
            owner.Signal();
            await waiting.WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_its_time_its_owner_and_its_peer()
    {
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        using CancellationTokenSource stop = new();
        Task onThread = Task.Factory.StartNew(
            () => reader.Wait(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task onTask = reader.WaitAsync(stop.Token).AsTask();
        await Task.Delay(20);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onThread.WaitAsync(s_patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onTask.WaitAsync(s_patience));

        Assert.False(reader.TryWait(TimeSpan.FromMilliseconds(20)));
        Assert.False(await reader.TryWaitAsync(TimeSpan.FromMilliseconds(20)));

        Task[] left = [Task.Run(() => reader.Wait()), reader.WaitAsync().AsTask()];
        await Task.Delay(20);
        owner.Dispose();
        foreach (Task wait in left)
            Assert.True((await Assert.ThrowsAsync<PeerGoneException>(() => wait.WaitAsync(s_patience))).WasClosed);

        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.WaitAsync().AsTask());
    }

    [Fact]
    public async Task Dispose_ends_the_waits_of_its_own_end()
    {
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        Task[] waits = [Task.Run(() => reader.Wait()), reader.WaitAsync().AsTask(), Task.Run(() => owner.Wait()),
            owner.WaitAsync().AsTask()];
        await Task.Delay(20);
        reader.Dispose();
        owner.Dispose();
        foreach (Task wait in waits)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(s_patience));
    }

    [Theory]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    public void No_signal_is_lost_between_two_that_answer_each_other(WaitMode mode, WaitFence fence)
    {
        const int Rounds = 3_000;
        string name = $"@typedshm-test-{Guid.NewGuid():N}";
        SharedStructOptions options = new() { Wait = mode, Fence = fence };
        OpenOptions open = new() { Wait = mode, Fence = fence };
        using SharedStructWriter<Quote> ping = SharedStruct.Create<Quote>(name + "-ping", options);
        using SharedStructWriter<Quote> pong = SharedStruct.Create<Quote>(name + "-pong", options);
        using SharedStructReader<Quote> pinged = SharedStruct.Open<Quote>(name + "-ping", open);
        using SharedStructReader<Quote> ponged = SharedStruct.Open<Quote>(name + "-pong", open);
        Thread other = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                pinged.Wait();
                pong.Signal();
            }
        });
        other.Start();
        long slow = 0;
        for (int i = 0; i < Rounds; i++)
        {
            long begun = Environment.TickCount64;
            ping.Signal();
            Assert.True(ponged.TryWait(s_patience));
            slow += mode != WaitMode.Spin && Environment.TickCount64 - begun >= 90 ? 1 : 0;
        }

        other.Join();

        // A lost wake-up would have been found by the end of a slice.
        Assert.InRange(slow, 0, Rounds / 100);
    }

    [Theory]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto, WaitFence.Auto, false)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full, WaitFence.Auto, true)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto, WaitFence.Full, true)]
    [InlineData(WaitMode.Park, WaitFence.Auto, WaitFence.Auto, true)]
    [InlineData(WaitMode.Park, WaitFence.Auto, WaitFence.Barrier, false)]
    [InlineData(WaitMode.Spin, WaitFence.Auto, WaitFence.Auto, false)]
    public async Task A_publisher_fences_only_for_a_peer_that_needs_it(
        WaitMode reader, WaitFence publisherFence, WaitFence readerFence, bool fenced)
    {
        WaitAbilities publisher = await WaitAbility.Of(WaitMode.SpinThenPark, publisherFence);
        WaitAbilities parker = await WaitAbility.Of(reader, readerFence);
        Assert.Equal(fenced, WaitAbility.NeedsFence(publisher, parker));
    }
}
