using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Calls;

/// <summary>Calls, both ends in this process: the memory, the checks and the waits are the real ones.</summary>
public class SharedCallTests
{
    private static readonly TimeSpan s_patience = Until.Patience;

    [Theory]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Auto)]
    [InlineData(WaitMode.SpinThenPark, WaitFence.Full)]
    [InlineData(WaitMode.Park, WaitFence.Barrier)]
    [InlineData(WaitMode.Park, WaitFence.Full)]
    [InlineData(WaitMode.Spin, WaitFence.Auto)]
    public async Task Each_call_gets_its_answer(WaitMode mode, WaitFence fence)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            Pair(new() { Capacity = 4, Wait = mode, Fence = fence });
        using (Serving.Echo(server))
        using (client)
        {
            for (int i = 0; i < 5_000; i++)
                Check(client.Call(Quote.Of(i)), i);
            for (int i = 0; i < 5_000; i++)
                Check(await client.CallAsync(Quote.Of(i)), i);
            Assert.Equal(0, client.IgnoredResponses);
        }
    }

    [Theory]
    [InlineData(WaitMode.SpinThenPark)]
    [InlineData(WaitMode.Park)]
    public async Task Threads_and_tasks_share_a_client(WaitMode mode)
    {
        // More callers than calls may be open.
        const int Rounds = 3_000;
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 4, Wait = mode });
        using (Serving.Async(server, Answers))
        using (client)
        {
            Task[] callers =
            [
                .. Enumerable.Range(0, 4).Select(caller => Run(() =>
                {
                    for (int i = 0; i < Rounds; i++)
                        Check(client.Call(Quote.Of((caller * Rounds) + i)), (caller * Rounds) + i);
                })),
                .. Enumerable.Range(4, 4).Select(caller => Task.Run(async () =>
                {
                    for (int i = 0; i < Rounds; i++)
                        Check(await client.CallAsync(Quote.Of((caller * Rounds) + i)), (caller * Rounds) + i);
                })),
                .. Enumerable.Range(8, 2).Select(caller => Run(() =>
                {
                    for (int i = 0; i < Rounds; i++)
                        CallInPlace(client, (caller * Rounds) + i);
                })),
            ];
            await Task.WhenAll(callers).WaitAsync(s_patience);
            Assert.Equal(0, client.IgnoredResponses);
        }

        static async ValueTask<Answer> Answers(Quote quote, CancellationToken cancelled)
        {
            if (quote.Number % 3 == 0)
                await Task.Yield();
            return Answer.To(quote);
        }
    }

    [Fact]
    public async Task Threads_that_spin_share_a_client()
    {
        // Each of them burns a core while it waits, and there may be no more than two.
        const int Rounds = 50;
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            Pair(new() { Capacity = 2, Wait = WaitMode.Spin });
        using (Serving.Echo(server))
        using (client)
        {
            Task[] callers =
            [
                .. Enumerable.Range(0, 3).Select(caller => Run(() =>
                {
                    for (int i = 0; i < Rounds; i++)
                    {
                        Check(client.Call(Quote.Of(i)), i);
                        CallInPlace(client, i);
                    }
                })),
            ];
            await Task.WhenAll(callers).WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task Answers_come_in_any_order()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 16 });
        TaskCompletionSource[] gates =
            [.. Enumerable.Range(0, 16).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        using (Serving.Async(server, async (quote, _) =>
        {
            await gates[quote.Number].Task;
            return Answer.To(quote);
        }))
        using (client)
        {
            Task<Answer>[] calls = [.. Enumerable.Range(0, 16).Select(i => client.CallAsync(Quote.Of(i)).AsTask())];
            for (int i = 15; i >= 0; i--)
            {
                gates[i].SetResult();
                Check(await calls[i].WaitAsync(s_patience), i);
                Assert.DoesNotContain(calls[..i], call => call.IsCompleted);
            }
        }
    }

    [Fact]
    public async Task Who_finds_all_calls_open_waits_for_its_turn()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 2 });
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int begun = 0;
        using (Serving.Async(server, async (quote, _) =>
        {
            Interlocked.Increment(ref begun);
            await gate.Task;
            return Answer.To(quote);
        }))
        using (client)
        {
            Task<Answer>[] calls = [.. Enumerable.Range(0, 5).Select(i => client.CallAsync(Quote.Of(i)).AsTask())];
            Task<Answer> onThread = Run(() => client.Call(Quote.Of(5)));
            await Until.Holds(() => Volatile.Read(ref begun) == 2);
            Assert.False(client.TryCall(Quote.Of(6), out _, TimeSpan.FromMilliseconds(20)));
            Assert.Null(await client.TryCallAsync(Quote.Of(6), TimeSpan.FromMilliseconds(20)));
            Assert.False(client.TryClaim(out _, TimeSpan.FromMilliseconds(20)));
            Assert.Equal(2, Volatile.Read(ref begun));
            gate.SetResult();
            for (int i = 0; i < 5; i++)
                Check(await calls[i].WaitAsync(s_patience), i);
            Check(await onThread.WaitAsync(s_patience), 5);
            Assert.Equal(6, Volatile.Read(ref begun));
        }
    }

    [Fact]
    public void Payloads_are_read_and_written_in_place()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            Pair(new() { Capacity = 4, PayloadCapacity = 100, PayloadAlignment = 64, PublishTimes = true });
        using (Serving.InPlace(server, call =>
        {
            Assert.Equal(0, call.Response.Number);
            Assert.Equal(100, call.ResponsePayload.Length);
            Assert.True(call.Age >= TimeSpan.Zero);
            Assert.Equal(Environment.ProcessId, call.Peer.Identity.ProcessId);
            bool refused = false;
            try
            {
                call.ResponseLength = 101;
            }
            catch (ArgumentOutOfRangeException)
            {
                refused = true;
            }

            Assert.True(refused);
            call.Response = Answer.To(call.Request);
            call.RequestPayload.CopyTo(call.ResponsePayload);
            call.ResponsePayload[..call.RequestPayload.Length].Reverse();
            call.ResponseLength = call.RequestPayload.Length;
        }))
        using (client)
        {
            Assert.Equal(100, client.PayloadCapacity);
            for (int i = 0; i < 100; i++)
                CallInPlace(client, i);
        }
    }

    private static void CallInPlace(SharedCallClient<Quote, Answer> client, int number)
    {
        int length = client.PayloadCapacity == 0 ? 0 : number % 100;
        using CallClaim<Quote, Answer> claim = client.Claim();
        claim.Value = Quote.Of(number);
        for (int i = 0; i < length; i++)
            claim.Payload[i] = (byte)(number + i);
        using CallReply<Quote, Answer> reply = claim.Call(length);
        Check(reply.Value, number);
        Assert.Equal(length, reply.Payload.Length);
        for (int i = 0; i < length; i++)
            Assert.Equal((byte)(number + i), reply.Payload[length - 1 - i]);
    }

    private static void Check(in Answer answer, long number)
    {
        if (!answer.IsTo(number))
            Assert.Fail($"Expected the answer to {number}, found {answer.Number}.");
    }

    private static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static (SharedCallServer<Quote, Answer> Server, SharedCallClient<Quote, Answer> Client) Pair(SharedCallOptions options) =>
        SharedCall.CreatePair<Quote, Answer>(options);

    [Theory]
    [InlineData(WaitMode.Spin)]
    [InlineData(WaitMode.Park)]
    public async Task Payloads_go_along_in_every_way(WaitMode mode)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { PayloadCapacity = 8, Wait = mode });
        using CancellationTokenSource stop = new();
        using (server)
        using (client)
        {
            // Doubled.
            Task serving = Run(() => server.ServeAsync(
                async (call, cancelled) =>
                {
                    await Task.Yield();
                    Assert.Single(server.Peers, peer => peer.Identity.ProcessId == call.Peer.Identity.ProcessId);
                    for (int i = 0; i < call.RequestPayload.Length; i++)
                        call.ResponsePayload.Span[i] = (byte)(2 * call.RequestPayload.Span[i]);
                    call.ResponseLength = call.RequestPayload.Length;
                    return Answer.To(call.Request);
                },
                stop.Token).GetAwaiter().GetResult());
            byte[] room = new byte[8];
            Assert.True(client.Call(Quote.Of(1), [1], room, out int length).IsTo(1));
            Assert.Equal([2], room[..length]);
            Assert.True(client.TryCall(Quote.Of(2), [1, 2], out Answer answer, room, out length, s_patience) && answer.IsTo(2));
            Assert.Equal([2, 4], room[..length]);
            (answer, length) = await client.CallAsync(Quote.Of(3), new byte[] { 1, 2, 3 }, room);
            Assert.True(answer.IsTo(3));
            Assert.Equal([2, 4, 6], room[..length]);
            Assert.Equal(0, (await client.TryCallAsync(Quote.Of(4), ReadOnlyMemory<byte>.Empty, room, s_patience))?.PayloadLength);

            Assert.Contains("room for 8", Assert.Throws<ArgumentException>(() => client.Call(Quote.Of(5), new byte[9], room, out _))
                .Message, StringComparison.Ordinal);
            Assert.Contains("room for 8", (await Assert.ThrowsAsync<ArgumentException>(() =>
                client.CallAsync(Quote.Of(5), new byte[9], room).AsTask())).Message, StringComparison.Ordinal);
            Assert.Contains("room for 1", Assert.Throws<ArgumentException>(() => client.Call(Quote.Of(6), new byte[2], new byte[1],
                out _)).Message, StringComparison.Ordinal);
            Assert.Contains("room for 1", (await Assert.ThrowsAsync<ArgumentException>(() =>
                client.CallAsync(Quote.Of(6), new byte[2], new byte[1]).AsTask())).Message, StringComparison.Ordinal);
            Assert.True(client.Call(Quote.Of(7)).IsTo(7));
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(s_patience));
        }
    }
}
