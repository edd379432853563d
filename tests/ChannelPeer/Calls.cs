using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Threading.Tasks.Sources;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Layout;
using TypedShm.Rings;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>What the other process does with calls.</summary>
internal static class Calls
{
    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        string name = args[1];
        switch (args[0])
        {
            // Answers calls in place: NAME WAIT FENCE.
            case "call-serve":
            {
                using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(name,
                    new() { Wait = Enum.Parse<WaitMode>(args[2]), Fence = Enum.Parse<WaitFence>(args[3]), PayloadCapacity = 64 });
                Output.Say("open");
                server.Serve(static call =>
                {
                    call.Response = Answer.To(call.Request);
                    call.RequestPayload.CopyTo(call.ResponsePayload);
                    call.ResponseLength = call.RequestPayload.Length;
                });
                return true;
            }

            // Begins calls and never answers one, but says when a client has given one up.
            case "call-serve-nothing":
            {
                using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(name, new() { Capacity = 8 });
                Output.Say("open");
                Task serving = server.ServeAsync(async (call, cancelled) =>
                {
                    Quote quote = call.Request;
                    Output.Say($"begun {quote.Number}");
                    await Never(cancelled);
                    return default;
                });
                if (Console.ReadLine() == "close")
                    return true;
                serving.GetAwaiter().GetResult();
                return true;
            }

            // Begins calls that nobody answers, and waits to be killed, or to close.
            case "call-begin":
            {
                using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(name);
                for (int i = 0; i < Number(2); i++)
                    _ = client.CallAsync(Quote.Of(i)).AsTask();
                Output.Say("begun");
                Console.ReadLine();
                return true;
            }

            // Sends requests for as long as there is room for them, whatever is open, and reads no response.
            case "call-flood":
            {
                using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(name);
                LaneWriter<Quote> requests = client.Client.Connection!.Requests;
                ulong number = 0;
                try
                {
                    while (client.State == ConnectionState.Connected)
                    {
                        if (requests.TryBegin(1))
                            requests.CommitCall(++number, CallOutcome.Answered, 0);
                    }
                }
                catch (SharedMemoryException)
                {
                    // The server's words are zeros now: it has hung up.
                }

                Output.Say("cut off");
                return true;
            }

            // Opens the channel and calls a little, again and again.
            case "call-join-and-leave":
            {
                for (int i = 0; i < 3; i++)
                    AskSome(name, i);
                Held before = Held.Now();
                for (int i = 0; i < Number(2); i++)
                    AskSome(name, i);
                Output.Say(before.ComesBack());
                Console.ReadLine();
                return true;
            }

            // Calls and allocates nothing: NAME sync|async|suspended CALLS.
            case "call-allocations":
                Allocate(name, args[2], Number(3));
                return true;

            // Round trips between two threads of this process: NAME CALLS.
            case "call-time":
                Time(name, Number(2));
                return true;

            default:
                return false;
        }

        int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);
    }

    private static void AskSome(string name, int round)
    {
        using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(name);
        for (int k = 0; k < round % 7; k++)
        {
            if (!client.Call(Quote.Of(k)).IsTo(k))
                throw new InvalidOperationException("A wrong answer.");
        }

        // Under way when the client leaves.
        _ = client.CallAsync(Quote.Of(1)).AsTask();
    }

    private static async Task Never(CancellationToken cancelled)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancelled);
        }
        catch (OperationCanceledException)
        {
            Output.Say("cancelled");
            throw;
        }
    }

    private static void Allocate(string name, string kind, int count)
    {
        using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(name,
            new() { Wait = kind == "suspended" ? WaitMode.Park : WaitMode.SpinThenPark, PayloadCapacity = 16 });
        using SharedCallClient<Quote, Answer> client =
            SharedCall.Open<Quote, Answer>(name, new OpenOptions { Wait = kind == "suspended" ? WaitMode.Park : WaitMode.SpinThenPark });
        using CancellationTokenSource stop = new();
        Suspension[] suspensions = [.. Enumerable.Range(0, 64).Select(_ => new Suspension())];
        Task serving = kind == "sync"
            ? Task.Factory.StartNew(() => server.Serve(static call => call.Response = Answer.To(call.Request), stop.Token),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : server.ServeAsync((call, _) => kind == "async"
                ? new ValueTask<Answer>(Answer.To(call.Request))
                : suspensions[call.Request.Number % 64].Answer(call.Request), stop.Token);
        Round(count / 4);

        // What a call allocates, it does in every round; pools and caches of the runtime take something in now and then.
        (long Suspended, long Bytes) least = (0, long.MaxValue);
        for (int i = 0; i < 4; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long suspended = Round(count);
            long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
            if (bytes < least.Bytes)
                least = (suspended, bytes);
        }

        Output.Say(string.Create(CultureInfo.InvariantCulture, $"{least.Suspended} {least.Bytes}"));
        stop.Cancel();
        ((IAsyncResult)serving).AsyncWaitHandle.WaitOne();

        long Round(int calls)
        {
            if (kind != "sync")
                return Ask(calls).GetAwaiter().GetResult();
            for (int i = 0; i < calls; i++)
            {
                if (!client.TryCall(Quote.Of(i), out Answer asked, TimeSpan.FromSeconds(60), stop.Token) || !asked.IsTo(i))
                    throw new InvalidOperationException("A wrong answer.");
                using CallClaim<Quote, Answer> claim = client.Claim();
                claim.Value = Quote.Of(i);
                using CallReply<Quote, Answer> reply = claim.Call(3);
                if (!reply.Value.IsTo(i))
                    throw new InvalidOperationException("A wrong answer.");
            }

            return 0;
        }

        // Eight at once.
        [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Each is awaited once.")]
        async Task<long> Ask(int calls)
        {
            long suspended = 0;
            ValueTask<Answer?>[] open = new ValueTask<Answer?>[8];
            for (int i = 0; i < calls; i += open.Length)
            {
                for (int k = 0; k < open.Length; k++)
                    open[k] = client.TryCallAsync(Quote.Of(i + k), TimeSpan.FromSeconds(60), stop.Token);
                for (int k = 0; k < open.Length; k++)
                {
                    if (!open[k].IsCompleted)
                        suspended++;
                    Answer? answer = await open[k];
                    if (answer?.IsTo(i + k) != true)
                        throw new InvalidOperationException("A wrong answer.");
                }
            }

            return suspended;
        }
    }

    private static void Time(string name, int count)
    {
        foreach (WaitMode mode in (WaitMode[])[WaitMode.Spin, WaitMode.SpinThenPark, WaitMode.Park])
        {
            string one = $"{name}-{mode}";
            using SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(one, new() { Wait = mode });
            using SharedCallClient<Quote, Answer> client = SharedCall.Open<Quote, Answer>(one, new OpenOptions { Wait = mode });
            using CancellationTokenSource stop = new();
            Task serving = Task.Factory.StartNew(() => server.Serve(static call => call.Response = Answer.To(call.Request), stop.Token),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            for (int round = 0; round < 5; round++)
            {
                int calls = mode == WaitMode.Park ? count / 20 : count;
                long begun = Stopwatch.GetTimestamp();
                for (int i = 0; i < calls; i++)
                    client.Call(Quote.Of(i));
                Output.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{mode}: {Stopwatch.GetElapsedTime(begun).TotalNanoseconds / calls:0} ns a call"));
            }

            stop.Cancel();
            ((IAsyncResult)serving).AsyncWaitHandle.WaitOne();
        }
    }

    /// <summary>An answer that comes later, on the pool, and allocates nothing.</summary>
    private sealed class Suspension : IValueTaskSource<Answer>, IThreadPoolWorkItem
    {
        private ManualResetValueTaskSourceCore<Answer> _core;
        private Quote _quote;

        public ValueTask<Answer> Answer(Quote quote)
        {
            _quote = quote;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return new ValueTask<Answer>(this, _core.Version);
        }

        public void Execute() => _core.SetResult(TestMessages.Answer.To(_quote));

        public Answer GetResult(short token)
        {
            Answer answer = _core.GetResult(token);
            _core.Reset();
            return answer;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
