using TypedShm.Ends;
using TypedShm.Memory;
using TypedShm.Rings;
using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests.Calls;

/// <summary>A peer that says what it likes.</summary>
public sealed class HostileTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Responses_to_no_open_call_are_ignored_and_counted()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 8 });
        using (server)
        using (client)
        {
            Task<Answer> call = client.CallAsync(Quote.Of(7)).AsTask();
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            ulong number = caller.Slots.CallOf(0);
            foreach (ulong wrong in (ulong[])[0, 1, number + 1, number + 8, ulong.MaxValue])
                Respond(caller, wrong, 0);
            await Until.Holds(() => client.IgnoredResponses == 5);
            Assert.False(call.IsCompleted);
            Respond(caller, number, 7);
            Assert.True((await call.WaitAsync(s_patience)).IsTo(7));

            // Repeated, and then the answer to a call that was given up.
            Respond(caller, number, 8);
            using CancellationTokenSource stop = new();
            Task<Answer> given = client.CallAsync(Quote.Of(9), stop.Token).AsTask();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(s_patience));
            Respond(caller, caller.Slots.CallOf(1), 9);
            call = client.CallAsync(Quote.Of(10)).AsTask();
            Respond(caller, caller.Slots.CallOf(2), 10);
            Assert.True((await call.WaitAsync(s_patience)).IsTo(10));
            Assert.Equal(6, client.IgnoredResponses);
            Assert.Equal(ConnectionState.Connected, client.State);
        }
    }

    [Fact]
    public async Task A_server_that_answers_but_keeps_the_requests_is_left()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        using (server)
        using (client)
        {
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            for (ulong i = 0; i < 4; i++)
            {
                Task<Answer> call = client.CallAsync(Quote.Of((long)i)).AsTask();
                Respond(caller, caller.Slots.CallOf(i), (long)i);
                Assert.True((await call.WaitAsync(s_patience)).IsTo((long)i));
            }

            await Assert.ThrowsAsync<ProtocolException>(() => client.CallAsync(Quote.Of(4)).AsTask().WaitAsync(s_patience));
            Assert.Contains("has not given back", Assert.Throws<ProtocolException>(() => client.Call(Quote.Of(5))).Message,
                StringComparison.Ordinal);
            Assert.Equal(ConnectionState.Lost, client.State);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_payload_that_is_longer_than_its_slot_ends_the_connection(bool failed)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        using (server)
        using (client)
        {
            Task<Answer> other = client.CallAsync(Quote.Of(1)).AsTask();
            Task call = Task.Factory.StartNew(
                () =>
                {
                    using CallClaim<Quote, Answer> claim = client.Claim();
                    claim.Call().Dispose();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            await Until.Holds(() => caller.Available(2) == 2);
            Respond(caller, caller.Slots.CallOf(1), 1, failed ? CallOutcome.Failed : CallOutcome.Answered, 1025);
            Assert.Contains("1025 bytes", (await Assert.ThrowsAsync<ProtocolException>(() => call.WaitAsync(s_patience))).Message,
                StringComparison.Ordinal);
            await Assert.ThrowsAsync<ProtocolException>(() => other.WaitAsync(s_patience));
            Assert.Equal(ConnectionState.Lost, client.State);
        }
    }

    [Theory]
    [InlineData(true, 1025)]
    [InlineData(false, 1)]
    public async Task The_text_of_an_error_that_is_longer_than_agreed_ends_the_connection(bool reports, int length)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4, PayloadCapacity = 4096, ReportExceptions = reports });
        using (server)
        using (client)
        {
            Task<Answer> call = client.CallAsync(Quote.Of(1)).AsTask();
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            Respond(caller, caller.Slots.CallOf(0), 1, CallOutcome.Failed, length);
            Assert.Contains($"{length} bytes", (await Assert.ThrowsAsync<ProtocolException>(() => call.WaitAsync(s_patience))).Message,
                StringComparison.Ordinal);
            Assert.Equal(ConnectionState.Lost, client.State);
        }
    }

    /// <summary>The fault is found when the next request is sent; the calls that are open learn of it too.</summary>
    [Fact]
    public async Task A_server_whose_position_is_impossible_is_left()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        using (server)
        using (client)
        {
            Task<Answer> open = client.CallAsync(Quote.Of(0)).AsTask();
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            for (ulong i = 1; i < 4; i++)
            {
                Task<Answer> call = client.CallAsync(Quote.Of((long)i)).AsTask();
                Respond(caller, caller.Slots.CallOf(i), (long)i);
                Assert.True((await call.WaitAsync(s_patience)).IsTo((long)i));
            }

            SetHead(caller.Link, 5);
            Assert.Contains("The reader says", (await Assert.ThrowsAsync<ProtocolException>(() => client.CallAsync(Quote.Of(4)).AsTask()
                .WaitAsync(s_patience))).Message, StringComparison.Ordinal);
            Assert.Contains("is unknown", (await Assert.ThrowsAsync<ProtocolException>(() => open.WaitAsync(s_patience))).Message,
                StringComparison.Ordinal);
            Assert.Equal(ConnectionState.Lost, client.State);
        }
    }

    [Theory]
    [InlineData(new ulong[] { 0 }, true, "number 0")]
    [InlineData(new ulong[] { 0 }, false, "number 0")]
    [InlineData(new ulong[] { 9, 5 }, false, "while call 9 was open")]
    [InlineData(new ulong[] { 1, 2, 3, 4, 5 }, false, "while call 1 was open")]
    [InlineData(new ulong[] { 1, 2, 3, 4, 5 }, true, "does not read its responses")]
    public async Task A_client_that_breaks_a_rule_is_cut_off_and_others_are_not(ulong[] numbers, bool inPlace, string why)
    {
        string name = $"@typedshm-test-{Guid.NewGuid():N}";
        SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(name, new() { Capacity = 4 });
        TaskCompletionSource<SharedMemoryException> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerRefused += (_, who) => refused.TrySetResult(who.Reason);
        using SharedCallClient<Quote, Answer> honest = SharedCall.Open<Quote, Answer>(name);
        using SharedCallClient<Quote, Answer> hostile = SharedCall.Open<Quote, Answer>(name);
        using (inPlace ? Serving.Echo(server) : Serving.Async(server, async (quote, token) =>
        {
            if (quote.Number == 0)
            {
                using CancellationTokenRegistration registration = token.Register(() => cancelled.TrySetResult());
                await cancelled.Task;
            }

            return Answer.To(quote);
        }))
        {
            Assert.True(honest.Call(Quote.Of(1)).IsTo(1));
            LaneWriter<Quote> requests = hostile.Client.Connection!.Requests;
            foreach (ulong number in numbers)
            {
                await Until.Holds(() => requests.TryBegin(1));
                Ask(requests, number);
            }

            Assert.Contains(why, Assert.IsType<ProtocolException>(await refused.Task.WaitAsync(s_patience)).Message,
                StringComparison.Ordinal);
            if (!inPlace && numbers.Length > 1)
                await cancelled.Task.WaitAsync(s_patience);
            await Until.Holds(() => hostile.State == ConnectionState.Closed);
            for (int i = 1; i < 100; i++)
                Assert.True(honest.TryCall(Quote.Of(i), out Answer answer, s_patience) && answer.IsTo(i));
            Assert.Single(server.Peers);
        }
    }

    [Theory]
    [InlineData(2UL, 1UL)]
    [InlineData(0UL, 5UL)]
    public async Task A_client_whose_position_is_impossible_is_cut_off(ulong honest, ulong hostile)
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> client) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        TaskCompletionSource<SharedMemoryException> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.PeerRefused += (_, who) => refused.TrySetResult(who.Reason);
        using (Serving.Echo(server))
        using (client)
        {
            LaneWriter<Quote> requests = client.Client.Connection!.Requests;
            ClientConnection<Quote, Answer> caller = Assert.Single(server.Host.Clients);
            for (ulong i = 1; i <= 4 + honest; i++)
            {
                await Until.Holds(() => requests.TryBegin(1));
                Ask(requests, i);
                await Until.Holds(() => caller.Responses.Written == i);
                if (i == 4)
                    SetHead(client, honest);
            }

            SetHead(client, hostile);
            Assert.True(requests.TryBegin(1));
            Ask(requests, 100);
            Assert.Contains("The reader says", Assert.IsType<ProtocolException>(await refused.Task.WaitAsync(s_patience)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_client_completes_or_cancels_is_its_own_affair()
    {
        (SharedCallServer<Quote, Answer> server, SharedCallClient<Quote, Answer> hostile) =
            SharedCall.CreatePair<Quote, Answer>(new() { Capacity = 4 });
        using SharedCallClient<Quote, Answer> honest = Another(server);
        using (Serving.Async(server, static (quote, _) => new ValueTask<Answer>(Answer.To(quote))))
        using (hostile)
        {
            Lane lane = hostile.Client.Connection!.Requests.Lane;
            lane.End = (ulong)CompletionState.Completed;
            for (ulong number = 0; number < 100; number++)
                hostile.Client.Connection!.Link.Send(Transport.LinkMessage.Cancel, number);
            Assert.True(honest.TryCall(Quote.Of(1), out Answer answer2, s_patience) && answer2.IsTo(1));
            hostile.Dispose();
            honest.Dispose();
            await Until.Holds(() => server.Peers.Count == 0);
            using SharedCallClient<Quote, Answer> third = Another(server);
            Assert.True(third.TryCall(Quote.Of(2), out Answer answer3, s_patience) && answer3.IsTo(2));
            Assert.False(server.Host.Inbox.IsCompleted);
        }
    }

    private static SharedCallClient<Quote, Answer> Another(SharedCallServer<Quote, Answer> server) => Opening.Join(
        server.Host, new OpenOptions { Wait = WaitMode.Park }, CallClient<Quote, Answer>.Request, opened =>
            new SharedCallClient<Quote, Answer>(new CallClient<Quote, Answer>(opened)));

    private static void SetHead(SharedCallClient<Quote, Answer> client, ulong head) => SetHead(client.Client.Connection!.Link, head);

    private static unsafe void SetHead(Transport.Link link, ulong head) => *link.Own.Head = head;

    private static void Ask(LaneWriter<Quote> requests, ulong call)
    {
        requests.ClaimedValue(requests.ClaimNumber, 0) = Quote.Of(0);
        requests.CommitCall(call, CallOutcome.Answered, 0);
    }

    private static void Respond(
        ClientConnection<Quote, Answer> caller, ulong call, long answer, CallOutcome outcome = CallOutcome.Answered, int payloadLength = 0)
    {
        LaneWriter<Answer> responses = caller.Responses;
        Assert.True(responses.TryBegin(1));
        responses.ClaimedValue(responses.ClaimNumber, 0) = Answer.To(Quote.Of(answer));
        responses.CommitCall(call, outcome, payloadLength);
    }
}
