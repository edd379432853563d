using System.Threading.Tasks.Sources;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Calls;

/// <summary>Calls that end otherwise than by an answer.</summary>
public class EndingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handlers_exception_reaches_the_client_unless_that_is_switched_off(bool reports)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { ReportExceptions = reports });
        using (Serving.InPlace(server, call =>
        {
            call.Response.Number = -7;
            if (call.Request.Number == 13)
                throw new InvalidDataException("no\a such\nquote");
            if (call.Request.Number == 14)
                throw new InvalidDataException(new string('ä', 2000));
            if (call.Request.Number == 15)
                throw new MuteException();
            call.Response = Answer.To(call.Request);
        }))
        using (client)
        {
            RemoteCallException failure = Assert.Throws<RemoteCallException>(() => client.Call(Quote.Of(13)));
            Assert.Equal(reports ? "System.IO.InvalidDataException" : null, failure.RemoteType);
            Assert.Equal(reports ? "no? such quote" : null, failure.RemoteMessage);
            Assert.Equal(reports, failure.Message.Contains("no? such quote", StringComparison.Ordinal));

            // 1,024 bytes, less the type and a line feed; and no half of a letter.
            failure = await Assert.ThrowsAsync<RemoteCallException>(() => client.CallAsync(Quote.Of(14)).AsTask());
            Assert.Equal(reports ? new string('ä', (1024 - "System.IO.InvalidDataException\n".Length) / 2) : null, failure.RemoteMessage);

            failure = Assert.Throws<RemoteCallException>(() => client.Call(Quote.Of(15)));
            Assert.Equal(reports ? "(its message cannot be had: System.NotSupportedException)" : null, failure.RemoteMessage);

            using (CallClaim<Quote, Answer> claim = client.Claim())
            {
                claim.Value = Quote.Of(13);
                Type? thrown = null;
                try
                {
                    claim.Call();
                }
                catch (RemoteCallException error)
                {
                    thrown = error.GetType();
                }

                Assert.NotNull(thrown);
            }

            Assert.True(client.Call(Quote.Of(1)).IsTo(1));
        }
    }

    [Fact]
    public async Task An_asynchronous_handlers_exception_does_too()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        using (Serving.Async(server, async (quote, _) =>
        {
            if (quote.Number == 1)
                throw new InvalidDataException("at once");
            await Task.Yield();
            return quote.Number == 2 ? throw new InvalidDataException("later") : Answer.To(quote);
        }))
        using (client)
        {
            Assert.Equal("at once", Assert.Throws<RemoteCallException>(() => client.Call(Quote.Of(1))).RemoteMessage);
            Assert.Equal("later",
                (await Assert.ThrowsAsync<RemoteCallException>(() => client.CallAsync(Quote.Of(2)).AsTask())).RemoteMessage);
            Assert.True(client.Call(Quote.Of(3)).IsTo(3));
        }
    }

    [Theory]
    [InlineData(WaitMode.SpinThenPark)]
    [InlineData(WaitMode.Park)]
    [InlineData(WaitMode.Spin)]
    public async Task A_call_that_is_given_up_cancels_its_handler_and_counts_until_it_is_answered(WaitMode mode)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4, Wait = mode });
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim cancels = new(0);
        using CancellationTokenSource ends = new(s_patience);
        using CancellationTokenRegistration opens = ends.Token.Register(() => gate.TrySetResult());
        using (Serving.Async(server, async (quote, cancelled) =>
        {
            if (quote.Number < 0)
                return Answer.To(quote);
            using CancellationTokenRegistration registration = cancelled.Register(() => cancels.Release());
            begun.Release();
            await gate.Task;
            return Answer.To(quote);
        }))
        using (client)
        {
            // A task and a thread each, by token and by time.
            using CancellationTokenSource stop = new();
            Task onThread = Run(() => client.Call(Quote.Of(1), stop.Token));
            Task onTask = mode == WaitMode.Spin
                ? Run(() => client.Call(Quote.Of(2), stop.Token))
                : client.CallAsync(Quote.Of(2), stop.Token).AsTask();
            Assert.True(await begun.WaitAsync(s_patience));
            Assert.True(await begun.WaitAsync(s_patience));
            await stop.CancelAsync();
            Assert.Equal(stop.Token,
                (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onThread.WaitAsync(s_patience))).CancellationToken);
            Assert.Equal(stop.Token,
                (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onTask.WaitAsync(s_patience))).CancellationToken);

            // Long enough for them to be begun: a call that was given up before that would not be.
            TimeSpan limit = TimeSpan.FromSeconds(1);
            Task<bool> isInTime = Run(() => client.TryCall(Quote.Of(3), out _, limit));
            Task<Answer?> inTime = Task.Run(() => client.TryCallAsync(Quote.Of(4), limit).AsTask());
            Assert.False(await isInTime.WaitAsync(s_patience));
            Assert.Null(await inTime.WaitAsync(s_patience));
            for (int i = 0; i < 4; i++)
                Assert.True(await cancels.WaitAsync(s_patience));

            // All four are open although nobody waits for them.
            Assert.False(client.TryCall(Quote.Of(-1), out _, TimeSpan.FromMilliseconds(20)));
            gate.TrySetResult();
            for (int i = 1; i < 100; i++)
                Assert.True(client.TryCall(Quote.Of(-i), out Answer answer, s_patience) && answer.IsTo(-i));
            Assert.Equal(0, client.IgnoredResponses);
        }
    }

    [Fact]
    public async Task A_handler_in_place_can_ask_whether_its_answer_is_wanted_and_cancelled_calls_are_not_begun()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        int begun = 0;
        using (client)
        {
            Assert.False(client.TryCall(Quote.Of(1), out _, TimeSpan.FromMilliseconds(1)));
            using CancellationTokenSource stop = new();
            Task<Answer> call = client.CallAsync(Quote.Of(2), stop.Token).AsTask();
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            ulong first = caller.Slots.CallOf(0);
            await Until.Holds(() => caller.IsCancelled(first));
            using (Serving.InPlace(server, call =>
            {
                begun++;
                stop.Cancel();
                while (!call.IsCancelled)
                    Thread.Yield();
                call.Response = Answer.To(call.Request);
            }))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(s_patience));
            }
        }

        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task Time_and_token_of_one_call_do_not_end_the_next()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Wait = WaitMode.Park });
        using (Serving.Echo(server))
        using (client)
        {
            // The objects of calls are used again: what ends one comes at any moment of the next.
            for (int i = 0; i < 2_000; i++)
            {
                using CancellationTokenSource stop = new();
                ValueTask<Answer?> first = client.TryCallAsync(Quote.Of(i), TimeSpan.FromMilliseconds(1), stop.Token);
                Task cancel = Task.Run(stop.Cancel);
                try
                {
                    Assert.True((await first)?.IsTo(i) != false);
                }
                catch (OperationCanceledException)
                {
                    // Or it was quicker.
                }

                Assert.True((await client.CallAsync(Quote.Of(-i))).IsTo(-i));
                await cancel;
            }
        }
    }

    [Fact]
    public async Task A_timer_that_comes_too_early_ends_nothing()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        using (server)
        using (client)
        {
            using CancellationTokenSource stop = new();
            Task<Answer?> call = client.TryCallAsync(Quote.Of(1), TimeSpan.FromHours(1), stop.Token).AsTask();
            PendingCall<Quote, Answer> pending = client.Client.Connection!.TakeUnanswered()!;
            client.Client.Calls.Expire(pending);
            Assert.False(call.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(s_patience));
        }
    }

    /// <summary>
    /// The object of a call may be in use again before the callback of an earlier token, which was on its way, has come to it.
    /// </summary>
    [Fact]
    public async Task A_token_of_an_earlier_call_may_come_before_there_is_a_timer()
    {
        bool isOver = false;
        PendingCall<Quote, Answer>? used = null;
        Task late = Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                PendingCall<Quote, Answer>? call = Volatile.Read(ref used);
                call?.Calls.Expire(call);
            }
        });
        for (int i = 0; i < 30 && !late.IsCompleted; i++)
        {
            (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
            using (server)
            using (client)
            {
                using CancellationTokenSource stop = new();
                Task<Answer> first = client.CallAsync(Quote.Of(1), stop.Token).AsTask();
                PendingCall<Quote, Answer> call = client.Client.Connection!.TakeUnanswered()!;
                await stop.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(s_patience));
                Volatile.Write(ref used, call);
                Task<Answer?> second = client.TryCallAsync(Quote.Of(2), TimeSpan.FromHours(1)).AsTask();
                Assert.Same(call, client.Client.Connection!.TakeUnanswered());
                Assert.False(second.IsCompleted);
            }
        }

        Volatile.Write(ref isOver, true);
        await late.WaitAsync(s_patience);
    }

    /// <summary>It throws only when it is asked for its result, or whether it has one.</summary>
    [Fact]
    public async Task What_a_handler_returns_may_be_no_task_at_all()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        using (Serving.Async(server, static (quote, _) => quote.Number == 1
            ? new ValueTask<Answer>(new NoTask(), 0)
            : new ValueTask<Answer>(Answer.To(quote))))
        using (client)
        {
            Assert.Equal("no task", (await Assert.ThrowsAsync<RemoteCallException>(() => client.CallAsync(Quote.Of(1)).AsTask()
                .WaitAsync(s_patience))).RemoteMessage);
            Assert.True(client.TryCall(Quote.Of(2), out Answer answer2, s_patience) && answer2.IsTo(2));
        }
    }

    /// <summary>Whatever else ends the wait of a thread, its call is over, and the others have a receiver.</summary>
    [Theory]
    [InlineData(WaitMode.Park)]
    [InlineData(WaitMode.SpinThenPark)]
    public async Task A_thread_that_is_interrupted_leaves_its_place(WaitMode mode)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Wait = mode });
        using (server)
        using (client)
        {
            Task receiver = Run(() => client.Call(Quote.Of(1)));
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            await Until.Holds(() => caller.Available(1) == 1);
            Thread? thread = null;
            Task interrupted = Run(() =>
            {
                Volatile.Write(ref thread, Thread.CurrentThread);
                client.Call(Quote.Of(2));
            });
            await Until.Holds(() => caller.Available(2) == 2);
            Volatile.Read(ref thread)!.Interrupt();
            await Assert.ThrowsAsync<ThreadInterruptedException>(() => interrupted.WaitAsync(s_patience));

            // The receiver passes its place on to somebody who is still there.
            Assert.True(server.TryServe(static call => call.Response = Answer.To(call.Request)));
            await receiver.WaitAsync(s_patience);
            Task<Answer> next = client.CallAsync(Quote.Of(3)).AsTask();
            for (int i = 0; i < 2; i++)
                Assert.True(server.TryServe(static call => call.Response = Answer.To(call.Request)));
            Assert.True((await next.WaitAsync(s_patience)).IsTo(3));
        }
    }

    [Fact]
    public async Task A_claim_is_sent_by_its_call_alone()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 2, PayloadCapacity = 8 });
        List<long> asked = [];
        using (Serving.InPlace(server, call =>
        {
            asked.Add(call.Request.Number);
            call.Response = Answer.To(call.Request);
        }))
        using (client)
        {
            Use();
            Assert.True((await client.CallAsync(Quote.Of(5)).AsTask().WaitAsync(s_patience)).IsTo(5));
        }

        Assert.Equal([4, 3, 5], asked);

        void Use()
        {
            using (CallClaim<Quote, Answer> claim = client.Claim())
                claim.Value = Quote.Of(1);
            CallClaim<Quote, Answer> second = client.Claim();
            second.Value = Quote.Of(4);
            Assert.Throws<InvalidOperationException>(() => client.Call(Quote.Of(2)));
            Assert.Throws<InvalidOperationException>(() => client.Claim());
            Task<Answer> other = Run(() => client.Call(Quote.Of(3)));
            Assert.False(other.Wait(20));
            Assert.True(Throws<ArgumentException>(second, static claim => claim.Call(9)));
            CallReply<Quote, Answer> reply = second.Call(8);
            Assert.True(reply.Value.IsTo(4));
            Assert.True(other.Result.IsTo(3));
            Assert.True(Throws<InvalidOperationException>(second, static claim => claim.Value = default));
            Assert.True(Throws<InvalidOperationException>(second, static claim => claim.Call()));
            reply.Dispose();
            reply.Dispose();
            second.Dispose();
            InvalidOperationException? over = null;
            try
            {
                _ = reply.Value;
            }
            catch (InvalidOperationException error)
            {
                over = error;
            }

            Assert.NotNull(over);
        }

        static bool Throws<TError>(CallClaim<Quote, Answer> claim, Action<CallClaim<Quote, Answer>> action)
            where TError : Exception
        {
            try
            {
                action(claim);
                return false;
            }
            catch (TError)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task A_reply_that_is_kept_counts_as_an_open_call()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        List<SharedMemoryException> refused = [];
        server.PeerRefused += (_, who) => refused.Add(who.Reason);
        using (Serving.Echo(server))
        using (client)
        {
            Keep();
            Assert.True((await client.CallAsync(Quote.Of(9)).AsTask().WaitAsync(s_patience)).IsTo(9));
        }

        Assert.Empty(refused);

        void Keep()
        {
            CallClaim<Quote, Answer> claim = client.Claim();
            claim.Value = Quote.Of(1);
            CallReply<Quote, Answer> first = claim.Call();
            for (int i = 0; i < 3; i++)
                Assert.True(client.Call(Quote.Of(i)).IsTo(i));
            Assert.False(client.TryCall(Quote.Of(4), out _, TimeSpan.FromMilliseconds(20)));
            Task<Answer> waiting = client.CallAsync(Quote.Of(5)).AsTask();
            Assert.False(waiting.Wait(20));
            Assert.True(first.Value.IsTo(1));
            first.Dispose();
            Assert.True(waiting.Result.IsTo(5));
        }
    }

    [Fact]
    public async Task A_reply_that_is_kept_outlasts_its_server()
    {
        string name = $"@typedshm-test-{Guid.NewGuid():N}";
        Serving first = Serving.Echo(SharedCall.Create<Quote, Answer>(name));
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(name, new OpenOptions { Reconnect = true });
        await Run(Keep).WaitAsync(s_patience);

        void Keep()
        {
            CallClaim<Quote, Answer> claim = client.Claim();
            claim.Value = Quote.Of(1);
            CallReply<Quote, Answer> reply = claim.Call();
            SharedRegion region = client.Client.Connection!.Responses.Lane.Region;
            first.Dispose();

            // A call that was sent before the end was noticed would fail with it.
            Until.Holds(() => client.State == ConnectionState.Closed).GetAwaiter().GetResult();
            using (Serving.Echo(SharedCall.Create<Quote, Answer>(name)))
            {
                Assert.True(client.TryCall(Quote.Of(3), out Answer answer3, s_patience) && answer3.IsTo(3));
                Assert.True(reply.Value.IsTo(1));
                reply.Dispose();
                Until.Holds(() => Throws<ObjectDisposedException>(() => _ = region.Address), "the region of the kept reply is given up")
                    .GetAwaiter().GetResult();
            }
        }
    }

    [Fact]
    public async Task Dispose_ends_calls_on_both_sides_whatever_is_under_way()
    {
        for (int round = 0; round < 200; round++)
        {
            (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
                SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4, Wait = round % 2 == 0 ? WaitMode.Park : WaitMode.SpinThenPark });
            Serving serving = Serving.Async(server, async (quote, cancelled) =>
            {
                if (quote.Number % 5 == 4)
                    await Task.Delay(Timeout.Infinite, cancelled);
                return Answer.To(quote);
            });
            bool byServer = round % 3 == 2;
            Task[] callers =
            [
                .. Enumerable.Range(0, 3).Select(_ => Run(() => Forever(i => client.Call(Quote.Of(i))))),
                .. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
                {
                    for (int i = 0; ; i++)
                        Assert.True((await client.CallAsync(Quote.Of(i))).IsTo(i));
                })),
                Run(() => Forever(i =>
                {
                    using CallClaim<Quote, Answer> claim = client.Claim();
                    claim.Value = Quote.Of(i);
                    using CallReply<Quote, Answer> reply = claim.Call();
                    return reply.Value;
                })),
            ];
            if (round % 4 > 0)
                await Task.Delay(round % 4);
            if (byServer)
                server.Dispose();
            else
                client.Dispose();
            foreach (Task caller in callers)
            {
                if (byServer)
                    Assert.True((await Assert.ThrowsAsync<PeerGoneException>(() => caller.WaitAsync(s_patience))).WasClosed);
                else
                    await Assert.ThrowsAsync<ObjectDisposedException>(() => caller.WaitAsync(s_patience));
            }

            client.Dispose();
            Assert.Throws<ObjectDisposedException>(() => client.Call(Quote.Of(1)));
            serving.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => server.ServeAsync((_, _) => default));
        }

        static void Forever(Func<int, Answer> call)
        {
            for (int i = 0; ; i++)
            {
                // In place, zeros may be seen after the end, before the next call says so.
                Answer answer = call(i);
                Assert.True(answer.IsTo(i) || answer.IsTo(0));
            }
        }
    }

    [Fact]
    public async Task A_server_serves_in_one_way_at_a_time_and_can_be_waited_for_with_others()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) = SharedCall.CreatePair<Quote, Answer>();
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        using (server)
        using (client)
        using (owner)
        using (reader)
        {
            CallHandler<Quote, Answer> echo = static call => call.Response = Answer.To(call.Request);
            SharedWaitSet both = new(reader, server);
            Assert.False(both.TryWaitAny(out _, TimeSpan.FromMilliseconds(10)));
            Assert.False(server.TryServe(echo));
            Task<Answer> call = client.CallAsync(Quote.Of(1)).AsTask();
            Assert.Equal(1, both.WaitAny());
            Assert.True(server.TryServe(echo));
            Assert.True((await call.WaitAsync(s_patience)).IsTo(1));

            using CancellationTokenSource stop = new();
            Task serving = server.ServeAsync((call, _) => new ValueTask<Answer>(Answer.To(call.Request)), stop.Token);
            Assert.Throws<InvalidOperationException>(() => server.TryServe(echo));
            Assert.Throws<InvalidOperationException>(() => server.Serve(echo));
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(s_patience));
            call = client.CallAsync(Quote.Of(2)).AsTask();
            Assert.True(server.TryServe(echo));
            Assert.True((await call.WaitAsync(s_patience)).IsTo(2));
        }
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(1 << 17, 0)]
    [InlineData(4, -1)]
    public void Options_that_make_no_sense_are_refused(int capacity, int payload) =>
        Assert.Throws<ArgumentException>(
            () => SharedCall.CreatePair<Quote, Answer>(new() { Capacity = capacity, PayloadCapacity = payload }));

    private sealed class NoTask : IValueTaskSource<Answer>
    {
        public Answer GetResult(short token) => throw new InvalidOperationException("no task");

        public ValueTaskSourceStatus GetStatus(short token) => throw new InvalidOperationException("no task");

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            throw new InvalidOperationException("no task");
    }

    private static bool Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
            return false;
        }
        catch (TException)
        {
            return true;
        }
    }

    private sealed class MuteException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    private static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
