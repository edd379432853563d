using System.Diagnostics;
using System.Globalization;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Calls;

/// <summary>Calls between processes, which are killed.</summary>
public class ProcessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly string _name = $"@call-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    public async Task Two_processes_call_each_other_without_losing_a_wake_up(WaitMode mode, WaitFence fence)
    {
        int rounds = mode == WaitMode.Spin ? 500 : 3_000;
        using Peer peer = ChannelPeer.Start("call-serve", _name, mode.ToString(), fence.ToString());
        peer.Expect("open");
        using SharedCallClient<Quote, Answer> client =
            SharedCall.Open<Quote, Answer>(_name, new OpenOptions { Wait = mode, Fence = fence });
        int slow = 0;
        for (int i = 0; i < rounds; i++)
        {
            long begun = Environment.TickCount64;
            Assert.True(client.Call(Quote.Of(i)).IsTo(i));
            slow += Environment.TickCount64 - begun >= 90 ? 1 : 0;
            begun = Environment.TickCount64;
            Assert.True((await client.CallAsync(Quote.Of(-i))).IsTo(-i));
            slow += Environment.TickCount64 - begun >= 90 ? 1 : 0;
            InPlace(client, i);
        }

        // A lost wake-up would have been found by the end of a slice.
        if (mode != WaitMode.Spin)
            Assert.InRange(slow, 0, rounds / 50);

        // Pipelined, more than may be open.
        Task<Answer>[] calls = [.. Enumerable.Range(0, 200).Select(i => client.CallAsync(Quote.Of(i)).AsTask())];
        for (int i = 0; i < calls.Length; i++)
            Assert.True((await calls[i].WaitAsync(s_patience)).IsTo(i));
        Assert.Equal(0, client.IgnoredResponses);

        static void InPlace(SharedCallClient<Quote, Answer> client, int number)
        {
            using CallClaim<Quote, Answer> claim = client.Claim();
            claim.Value = Quote.Of(number);
            claim.PayloadAs<int>().Fill(number);
            using CallReply<Quote, Answer> reply = claim.Call(64);
            Assert.True(reply.Value.IsTo(number));
            Assert.Equal(16, reply.PayloadAs<int>().Length);
            Assert.DoesNotContain(reply.PayloadAs<int>().ToArray(), element => element != number);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_calls_of_a_server_that_is_killed_or_closed_fail_as_unknown(bool kill)
    {
        using Peer peer = ChannelPeer.Start("call-serve-nothing", _name);
        peer.Expect("open");
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name);
        Task[] calls = [client.CallAsync(Quote.Of(1)).AsTask(), client.CallAsync(Quote.Of(2)).AsTask(),
            Run(() => client.Call(Quote.Of(3))), Run(() => client.Call(Quote.Of(4)))];
        for (int i = 0; i < calls.Length; i++)
            Assert.StartsWith("begun", peer.Read(), StringComparison.Ordinal);
        if (kill)
            peer.Kill();
        else
            peer.Tell("close");
        foreach (Task call in calls)
        {
            PeerGoneException gone = await Assert.ThrowsAsync<PeerGoneException>(() => call.WaitAsync(s_patience));
            Assert.Contains("is unknown", gone.Message, StringComparison.Ordinal);
            Assert.Equal(!kill, gone.WasClosed);
        }

        Assert.Contains("was not sent", Assert.Throws<PeerGoneException>(() => client.Call(Quote.Of(5))).Message, StringComparison.Ordinal);
        Assert.Contains("was not sent",
            (await Assert.ThrowsAsync<PeerGoneException>(() => client.CallAsync(Quote.Of(5)).AsTask())).Message, StringComparison.Ordinal);
        Assert.Throws<PeerGoneException>(() => client.Claim());
    }

    [Theory]
    [InlineData(WaitMode.Spin)]
    [InlineData(WaitMode.Park)]
    public async Task A_caller_that_spins_or_sleeps_notices_the_death_of_its_server(WaitMode mode)
    {
        using Peer peer = ChannelPeer.Start("call-serve-nothing", _name);
        peer.Expect("open");
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name, new OpenOptions { Wait = mode });
        Task call = Run(() => client.Call(Quote.Of(1)));
        peer.Expect("begun 1");
        peer.Kill();
        await Assert.ThrowsAsync<PeerGoneException>(() => call.WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_cancelled_in_the_other_process()
    {
        using Peer peer = ChannelPeer.Start("call-serve-nothing", _name);
        peer.Expect("open");
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name);
        using CancellationTokenSource stop = new();
        Task call = client.CallAsync(Quote.Of(1), stop.Token).AsTask();
        peer.Expect("begun 1");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(s_patience));
        peer.Expect("cancelled");
        Assert.False(client.TryCall(Quote.Of(2), out _, TimeSpan.FromSeconds(1)));
        peer.Expect("begun 2");
        peer.Expect("cancelled");
    }

    [Fact]
    public async Task The_handlers_of_a_killed_client_are_cancelled_and_nobody_elses()
    {
        SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name);
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim cancels = new(0);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (Serving.Async(server, async (quote, cancelled) =>
        {
            if (quote.Number == 100)
                return Answer.To(quote);
            using CancellationTokenRegistration registration = cancelled.Register(() => cancels.Release());
            begun.Release();
            await gate.Task;
            return Answer.To(quote);
        }))
        {
            using SharedCallClient<Quote, Answer> other = SharedCall.Open<Quote, Answer>(_name);
            Task<Answer> waiting = other.CallAsync(Quote.Of(7)).AsTask();
            Assert.True(await begun.WaitAsync(s_patience));
            using Peer peer = ChannelPeer.Start("call-begin", _name, "5");
            peer.Expect("begun");
            for (int i = 0; i < 5; i++)
                Assert.True(await begun.WaitAsync(s_patience));
            peer.Kill();
            for (int i = 0; i < 5; i++)
                Assert.True(await cancels.WaitAsync(s_patience));
            Assert.True(other.Call(Quote.Of(100)).IsTo(100));
            gate.SetResult();
            Assert.True((await waiting.WaitAsync(s_patience)).IsTo(7));
            Assert.Equal(0, cancels.CurrentCount);

            // Nothing of the client is left, and nothing of its lanes.
            Assert.Single(server.Peers);
            other.Dispose();
            long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
            while (Mappings() > 0)
            {
                Assert.True(Environment.TickCount64 < deadline);
                await Task.Delay(5);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_floods_is_cut_off_while_another_is_served(bool inPlace)
    {
        SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name, new() { Capacity = 16 });
        TaskCompletionSource<SharedMemoryException> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerRefused += (_, who) => refused.TrySetResult(who.Reason);
        using (inPlace ? Serving.Echo(server) : Serving.Async(server, async (quote, _) =>
        {
            await Task.Yield();
            return Answer.To(quote);
        }))
        {
            using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name);
            using Peer peer = ChannelPeer.Start("call-flood", _name);
            int i = 0;
            Stopwatch waited = Stopwatch.StartNew();
            while (!refused.Task.IsCompleted)
            {
                Assert.True(client.TryCall(Quote.Of(++i), out Answer answer, s_patience) && answer.IsTo(i));
                Assert.True(waited.Elapsed < s_patience, peer.Errors);
            }

            Assert.IsType<ProtocolException>(await refused.Task);
            peer.Expect("cut off");
            for (int k = 0; k < 100; k++)
                Assert.True((await client.CallAsync(Quote.Of(k))).IsTo(k));
        }
    }

    [Fact]
    public async Task Calls_wait_for_the_next_server_if_the_client_reconnects()
    {
        Peer first = ChannelPeer.Start("call-serve-nothing", _name);
        first.Expect("open");
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(_name, new OpenOptions { Reconnect = true });
        Task lost = client.CallAsync(Quote.Of(1)).AsTask();
        first.Expect("begun 1");
        first.Dispose();
        Assert.Contains("is unknown", (await Assert.ThrowsAsync<PeerGoneException>(() => lost.WaitAsync(s_patience))).Message,
            StringComparison.Ordinal);
        Assert.False(client.TryCall(Quote.Of(2), out _, TimeSpan.FromMilliseconds(20)));
        Task<Answer> onTask = client.CallAsync(Quote.Of(3)).AsTask();
        Task<Answer> onThread = Run(() => client.Call(Quote.Of(4)));
        using Peer second = ChannelPeer.Start("call-serve", _name, "Park", "Auto");
        Assert.True((await onTask.WaitAsync(s_patience)).IsTo(3));
        Assert.True((await onThread.WaitAsync(s_patience)).IsTo(4));
        Assert.True(client.Call(Quote.Of(5)).IsTo(5));
    }

    [Fact]
    public void Both_structs_have_to_be_the_same()
    {
        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name);
        Assert.Contains("Square", Assert.Throws<LayoutMismatchException>(() => SharedCall.Open<Answer, Answer>(_name)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Twice", Assert.Throws<LayoutMismatchException>(() => SharedCall.Open<Quote, Quote>(_name)).Message,
            StringComparison.Ordinal);
        Assert.Throws<PeerRefusedException>(() => SharedQueue.OpenWriter<Quote>(_name));
    }

    [Theory]
    [InlineData("sync", 0)]
    [InlineData("async", 1)]
    [InlineData("suspended", 10_000)]
    public void Calls_allocate_nothing(string kind, int suspensions)
    {
        const int Calls = 120_000;
        using Peer peer = ChannelPeer.Start("call-allocations", _name, kind, $"{Calls}");
        long[] counts = [.. peer.Read()!.Split(' ').Select(count => long.Parse(count, CultureInfo.InvariantCulture))];
        Assert.InRange(counts[0], suspensions, Calls);

        // Of the round with the least: what pools and caches take in, and less than half of the smallest object for each suspension.
        const int SmallestObject = 24;
        Assert.InRange(counts[1], 0, Math.Max(96 * 1024, counts[0] * SmallestObject / 2));
        peer.WaitForExit();
    }

    [Fact]
    public void Clients_that_come_and_go_leave_nothing_behind()
    {
        SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(_name);
        using (Serving.Echo(server))
        {
            using Peer peer = ChannelPeer.Start("call-join-and-leave", _name, "100");
            peer.Expect("fine");
            long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
            while (Mappings() > 0 || server.Peers.Count > 0)
            {
                Assert.True(Environment.TickCount64 < deadline);
                Thread.Sleep(5);
            }
        }
    }

    // Of this channel's regions, and of no other test's.
    private int Mappings() => File.ReadLines("/proc/self/maps").Count(line => line.Contains($":{_name[1..]}:", StringComparison.Ordinal));

    private static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
