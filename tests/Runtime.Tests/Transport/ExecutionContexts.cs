using System.Runtime.CompilerServices;

namespace TypedShm.Tests.Transport;

/// <summary>Whoever creates or opens a channel leaves nothing of his execution context in it: request scopes end, ends live on.</summary>
public sealed class ExecutionContexts(ITestOutputHelper output) : SharingTest(output)
{
    private static readonly AsyncLocal<object?> s_local = new();

    public static TheoryData<string, bool> Kinds
    {
        get
        {
            TheoryData<string, bool> kinds = [];
            foreach (string kind in (string[])["struct", "state", "table", "queue", "broadcast", "call", "doorbell"])
            {
                kinds.Add(kind, false);
                if (kind != "doorbell")
                    kinds.Add(kind, true);
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_end_does_not_keep_the_async_locals_of_who_made_it_or_waited(string kind, bool asynchronous)
    {
        (IDisposable[] ends, WeakReference value) = await Make(kind, asynchronous);

        await Until(
            () =>
            {
                GC.Collect();
                return !value.IsAlive;
            },
            "the value is collected");

        Array.ForEach(ends, end => end.Dispose());
    }

    // On a thread of its own, so that nothing of the test's own tasks has the value.
    private static Task<(IDisposable[], WeakReference)> Make(string kind, bool asynchronous)
    {
        TaskCompletionSource<(IDisposable[], WeakReference)> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                made.SetResult(MakeHere(kind, asynchronous));
            }
            catch (Exception error)
            {
                made.SetException(error);
            }
        });
        thread.UnsafeStart();
        return made.Task;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (IDisposable[], WeakReference) MakeHere(string kind, bool asynchronous)
    {
        object value = new();
        s_local.Value = value;
        IDisposable[] ends = EndsOf(kind, NewName(), new OpenOptions { Timeout = Peer.Patience, Reconnect = true }, asynchronous);
        s_local.Value = null;
        return (ends, new WeakReference(value));
    }

    // Each waits long enough to park, with a time-out, so that there is a timer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IDisposable[] EndsOf(string kind, string name, OpenOptions options, bool asynchronous)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(50);
        switch (kind)
        {
            case "struct":
            {
                SharedStructWriter<Telemetry> writer = SharedStruct.Create<Telemetry>(name);
                SharedStructReader<Telemetry> reader = asynchronous
                    ? SharedStruct.OpenAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedStruct.Open<Telemetry>(name, options);
                _ = asynchronous ? reader.TryWaitAsync(time).AsTask().GetAwaiter().GetResult() : reader.TryWait(time);
                return [writer, reader];
            }

            case "state":
            {
                SharedStateWriter<Telemetry> writer = SharedState.Create<Telemetry>(name);
                SharedStateReader<Telemetry> reader = asynchronous
                    ? SharedState.OpenAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedState.Open<Telemetry>(name, options);
                reader.Read(out StateGeneration since);
                _ = asynchronous ? reader.TryWaitAsync(since, time).AsTask().GetAwaiter().GetResult() : reader.TryWait(since, time);
                return [writer, reader];
            }

            case "table":
            {
                SharedTableWriter<Telemetry> writer = SharedTable.Create<Telemetry>(name, 4);
                SharedTableReader<Telemetry> reader = asynchronous
                    ? SharedTable.OpenAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedTable.Open<Telemetry>(name, options);
                TableGeneration since = reader.Generation;
                _ = asynchronous ? reader.TryWaitAsync(since, time).AsTask().GetAwaiter().GetResult() : reader.TryWait(since, time);
                return [writer, reader];
            }

            case "queue":
            {
                SharedQueueReader<Telemetry> reader = SharedQueue.CreateReader<Telemetry>(name);
                SharedQueueWriter<Telemetry> writer = asynchronous
                    ? SharedQueue.OpenWriterAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedQueue.OpenWriter<Telemetry>(name, options);
                WaitInVain(asynchronous, token => reader.ReadAsync(token).AsTask(), () => reader.TryRead(out _, time));
                return [reader, writer];
            }

            case "broadcast":
            {
                SharedBroadcastWriter<Telemetry> writer = SharedBroadcast.Create<Telemetry>(name);
                SharedBroadcastReader<Telemetry> reader = asynchronous
                    ? SharedBroadcast.OpenAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedBroadcast.Open<Telemetry>(name, options);
                WaitInVain(asynchronous, token => reader.ReadAsync(token).AsTask(), () => reader.TryRead(out _, time));
                return [writer, reader];
            }

            case "call":
            {
                SharedCallServer<Telemetry, Telemetry> server = SharedCall.Create<Telemetry, Telemetry>(name);
                SharedCallClient<Telemetry, Telemetry> client = asynchronous
                    ? SharedCall.OpenAsync<Telemetry, Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
                    : SharedCall.Open<Telemetry, Telemetry>(name, options);
                Assert.False(asynchronous
                    ? client.TryCallAsync(default, time).AsTask().GetAwaiter().GetResult() is not null
                    : client.TryCall(default, out _, time));
                return [server, client];
            }

            default:
            {
                (PairLink ours, PairLink theirs) = PairLink.Create(kind, PeerRole.Reader, WaitAbilities.Parks, WaitAbilities.Parks);
                Doorbell bell = new(ours);

                // So often in vain within a millisecond that it rings by a timer.
                for (uint parked = 1; parked < 100_000; parked++)
                    bell.Ring(parked << 8);
                return [ours, theirs, new Kept(bell)];
            }
        }
    }

    private static void WaitInVain(bool asynchronous, Func<CancellationToken, Task> read, Func<bool> tryRead)
    {
        if (!asynchronous)
        {
            Assert.False(tryRead());
            return;
        }

        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => read(stop.Token).GetAwaiter().GetResult());
    }

    private sealed class Kept(object what) : IDisposable
    {
        public void Dispose() => GC.KeepAlive(what);
    }
}
