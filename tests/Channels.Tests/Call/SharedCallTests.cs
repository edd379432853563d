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
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 4, Wait = mode, Fence = fence });
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
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 2, Wait = WaitMode.Spin });
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
        TaskCompletionSource[] gates = [.. Enumerable.Range(0, 16).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
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
            Assert.Throws<TimeoutException>(() => client.Call(Quote.Of(6), TimeSpan.FromMilliseconds(20)));
            await Assert.ThrowsAsync<TimeoutException>(() => client.CallAsync(Quote.Of(6), TimeSpan.FromMilliseconds(20)).AsTask());
            Assert.Throws<TimeoutException>(() => client.Claim(TimeSpan.FromMilliseconds(20)));
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
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = Pair(new() { Capacity = 4, PayloadCapacity = 100, PayloadAlignment = 64, PublishTimes = true });
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

    private static Task Run(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static (SharedCallServer<Quote, Answer> Server, SharedCallClient<Quote, Answer> Client) Pair(SharedCallOptions options) => SharedCall.CreatePair<Quote, Answer>(options);
}
