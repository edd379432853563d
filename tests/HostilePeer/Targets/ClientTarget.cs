using System.Collections.Concurrent;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Targets;

/// <summary>
/// The process whose clients are attacked: for each attacker and each kind of channel a thread that opens it, uses it and disposes it, over
/// and over. It meets exceptions that the library documents, or it ends.
/// </summary>
internal sealed class ClientTarget : IDisposable
{
    private static readonly TimeSpan s_use = TimeSpan.FromMilliseconds(15);

    private readonly ConcurrentDictionary<string, long> _counts = [];
    private readonly ManualResetEventSlim _go = new(true);
    private readonly List<Thread> _threads = [];
    private int _resting;

    public static readonly Dictionary<string, Action<string, OpenOptions>> Kinds = new()
    {
        ["struct"] = UseStruct,
        ["struct-write"] = UseWritable,
        ["state"] = UseState,
        ["table"] = UseTable,
        ["queue-out"] = UseQueueReader,
        ["queue-in"] = UseQueueWriter,
        ["broadcast"] = UseBroadcast,
        ["lossless"] = UseBroadcast,
        ["call"] = UseCalls,
    };

    public static async Task Open(string[] attackers, bool hasPassRights)
    {
        Run.Prepare(hasPassRights);
        using ClientTarget target = new();
        foreach (string attacker in attackers)
        {
            foreach (string kind in Kinds.Keys)
                target.Begin(kind, Run.PathOf($"{attacker}/{kind}"));
        }

        ResourceCount? before = null;
        await Commands.Answer(async command =>
        {
            switch (command)
            {
                case "rest":
                    target._go.Reset();
                    Func<bool> allRest = () => Volatile.Read(ref target._resting) == target._threads.Count;
                    await Until.Holds(allRest, "all clients rest").ConfigureAwait(false);
                    return "rests";
                case "go":
                    target._go.Set();
                    return "goes";
                case "remember": return $"{(before = ResourceCount.Now()).Descriptors}";
                case "returned": return await Commands.Returned(before!).ConfigureAwait(false);
                case "counts": return string.Join(";", target._counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}:{pair.Value}"));
                default: throw new InvalidOperationException($"What is '{command}'?");
            }
        }).ConfigureAwait(false);
    }

    public void Dispose() => _go.Dispose();

    private void Begin(string kind, string name)
    {
        Action<string, OpenOptions> use = Kinds[kind];
        OpenOptions options = new()
        {
            AllowedOwner = Run.Everybody,
            Timeout = Run.Opening,
            MaxMemory = Run.MaxMemory,
            Wait = WaitMode.Park,
        };
        Thread thread = new(() =>
        {
            while (true)
            {
                Interlocked.Increment(ref _resting);
                _go.Wait();
                Interlocked.Decrement(ref _resting);
                try
                {
                    use(name, options);
                    Count("used to its end");
                }
                catch (Exception error) when (error is SharedMemoryException or TimeoutException)
                {
                    string name = error.GetType().Name;
                    Count(error is PeerRefusedException refused ? $"{name}, {NameOf(refused.Reason)}" : name);
                }
            }
        })
        { IsBackground = true, Name = kind };
        _threads.Add(thread);
        thread.Start();
    }

    private static void UseStruct(string name, OpenOptions options)
    {
        using SharedStructReader<Probe> shared = SharedStruct.Open<Probe>(name, options);
        While(() => shared.State == ConnectionState.Connected, () => shared.TryWait(TimeSpan.FromMilliseconds(1)) & shared.Read().IsHonest);
    }

    private static void UseWritable(string name, OpenOptions options)
    {
        using SharedStructWriter<Probe> shared = SharedStruct.OpenReadWrite<Probe>(name, options);
        While(() => shared.State == ConnectionState.Connected, () =>
        {
            shared.Value.Number++;
            shared.Signal();
            return shared.TryWait(TimeSpan.FromMilliseconds(1));
        });
    }

    private static void UseState(string name, OpenOptions options)
    {
        using SharedStateReader<Probe> state = SharedState.Open<Probe>(name, options);
        StateGeneration seen = default;
        While(() => state.State == ConnectionState.Connected, () =>
        {
            state.TryWait(seen, TimeSpan.FromMilliseconds(1));
            return state.TryRead(out _, out seen) & state.Lease().IsIntact;
        });
    }

    private static void UseTable(string name, OpenOptions options)
    {
        using SharedTableReader<Probe> table = SharedTable.Open<Probe>(name, options);
        TableGeneration seen = default;
        While(() => table.State == ConnectionState.Connected, () =>
        {
            table.TryWait(seen, TimeSpan.FromMilliseconds(1));
            int count = 0;
            foreach (int index in table.TakeChanges(ref seen))
                count += table.TryRead(index, out _, out _) ? 1 : 0;
            return count > 0;
        });
    }

    private static void UseQueueReader(string name, OpenOptions options)
    {
        using SharedQueueReader<Probe> queue = SharedQueue.OpenReader<Probe>(name, options);
        While(() => !queue.Completion.IsCompleted, () =>
        {
            if (!queue.TryLease(out Lease<Probe> lease, TimeSpan.FromMilliseconds(1)))
                return false;
            using (lease)
                return Sum(lease.Payload) >= 0;
        });
    }

    private static void UseQueueWriter(string name, OpenOptions options)
    {
        using SharedQueueWriter<Probe> queue = SharedQueue.OpenWriter<Probe>(name, options);
        int room = Math.Min(queue.PayloadCapacity, 64);
        long number = 0;
        While(() => queue.State == ConnectionState.Connected, () =>
            queue.TryWrite(Probe.Of(number++), new byte[room]) || queue.TryWaitToWrite(TimeSpan.FromMilliseconds(1)));
    }

    private static void UseBroadcast(string name, OpenOptions options)
    {
        using SharedBroadcastReader<Probe> feed = SharedBroadcast.Open<Probe>(name, options);
        byte[] payload = new byte[feed.PayloadCapacity];
        While(() => !feed.Completion.IsCompleted, () =>
            feed.TryRead(out _, payload, out _) || feed.TryRead(out _, TimeSpan.FromMilliseconds(1)));
    }

    private static void UseCalls(string name, OpenOptions options)
    {
        using SharedCallClient<Probe, Probe> calls = SharedCall.Open<Probe, Probe>(name, options);
        long number = 0;
        While(() => calls.State == ConnectionState.Connected, () =>
        {
            try
            {
                return calls.TryCall(Probe.Of(number++), out Probe answer, TimeSpan.FromMilliseconds(2)) && answer.IsHonest;
            }
            catch (RemoteCallException)
            {
                return false;
            }
        });
    }

    private static void While(Func<bool> isAlive, Func<bool> use)
    {
        long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        while (isAlive() && System.Diagnostics.Stopwatch.GetElapsedTime(begun) < s_use)
            use();
    }

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte next in bytes)
            sum += next;
        return sum;
    }

    // A server can state any.
    private static string NameOf(RefusalReason reason) => Enum.IsDefined(reason) ? $"{reason}" : "an unknown reason";

    private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);
}
