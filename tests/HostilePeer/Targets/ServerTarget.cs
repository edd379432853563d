using System.Collections.Concurrent;
using System.Diagnostics;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Targets;

/// <summary>
/// The process whose servers are attacked: one of each channel, all of them at work. What its threads meet must be an exception that the
/// library documents; whatever else ends the process. It takes commands from its standard input.
/// </summary>
internal sealed class ServerTarget : IDisposable
{
    private readonly List<IDisposable> _ends = [];
    private readonly List<Thread> _threads = [];
    private readonly ConcurrentDictionary<string, long> _counts = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly CancellationTokenSource _stop = new();
    private long _nextFromHonest;

    public static async Task Serve(bool hasPassRights)
    {
        Run.Prepare(hasPassRights);
        using ServerTarget target = new();
        target.Start();
        ResourceCount? before = null;
        await Commands.Answer(async command => command switch
        {
            "received" => target.Report(target._nextFromHonest),
            "remember" => target.Report((before = ResourceCount.Now()).Descriptors),
            "returned" => await Commands.Returned(before!).ConfigureAwait(false),
            "counts" => string.Join(";", target._counts.Select(pair => $"{pair.Key}:{pair.Value}")),
            _ => throw new InvalidOperationException($"What is '{command}'?"),
        }).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _ends.ForEach(end => end.Dispose());
    }

    private string Report(long number) => _faults.IsEmpty ? $"{number}" : throw new InvalidOperationException(string.Join("; ", _faults));

    private void Start()
    {
        PeerPolicy all = Run.Everybody;
        SharedStructWriter<Probe> theStruct = Add(SharedStruct.Create<Probe>(Run.PathOf("struct"), new()
        {
            AllowedPeers = all,
            HandshakeTimeout = Run.HandshakeTimeout,
            Wait = WaitMode.Park,
        }));
        SharedStructWriter<Probe> writable = Add(SharedStruct.Create<Probe>(Run.PathOf("struct-write"), new()
        {
            AllowedPeers = all,
            HandshakeTimeout = Run.HandshakeTimeout,
            Wait = WaitMode.Park,
            AllowPeersToWrite = true,
        }));

        // With the default policy, where everybody can knock.
        Add(SharedStruct.Create<Probe>(StrangersName));
        SharedStateWriter<Probe> state = Add(SharedState.Create<Probe>(Run.PathOf("state"), new()
        {
            AllowedPeers = all,
            HandshakeTimeout = Run.HandshakeTimeout,
            Wait = WaitMode.Park,
        }));
        SharedTableWriter<Probe> table = Add(SharedTable.Create<Probe>(Run.PathOf("table"), Run.TableCount, new()
        {
            AllowedPeers = all,
            HandshakeTimeout = Run.HandshakeTimeout,
            Wait = WaitMode.Park,
        }));
        SharedBroadcastWriter<Probe> broadcast = Add(SharedBroadcast.Create<Probe>(Run.PathOf("broadcast"), Broadcast(lossless: false)));
        SharedBroadcastWriter<Probe> lossless = Add(SharedBroadcast.Create<Probe>(Run.PathOf("lossless"), Broadcast(lossless: true)));
        SharedQueueOptions neverComplete = Queue() with { Writers = int.MaxValue };
        SharedQueueReader<Probe> queue = Add(SharedQueue.CreateReader<Probe>(Run.PathOf("queue-in"), neverComplete));
        SharedQueueWriter<Probe> out1 = Add(SharedQueue.CreateWriter<Probe>(Run.PathOf("queue-honest"), Queue()));
        SharedCallServer<Probe, Probe> calls = Add(SharedCall.Create<Probe, Probe>(Run.PathOf("call"), new()
        {
            AllowedPeers = all,
            HandshakeTimeout = Run.HandshakeTimeout,
            Wait = WaitMode.Park,
            Capacity = Run.Capacity,
            PayloadCapacity = Run.PayloadCapacity,
        }));

        byte[] payload = new byte[Run.PayloadCapacity];
        long number = 0, inBroadcast = 0, inLossless = 0, inQueue = 0;
        Begin("writes", () =>
        {
            for (int i = 0; i < 8; i++)
            {
                number++;
                theStruct.Value.Number = number;
                theStruct.Signal();
                writable.Value.Check = number;
                writable.Signal();
                state.Write(Probe.Of(number));
                table.Write((int)(number % Run.TableCount), Probe.Of(number));
                broadcast.Write(Probe.Of(inBroadcast++), payload.AsSpan(0, (int)(number % Run.PayloadCapacity)));
                if (lossless.TryWrite(Probe.Of(inLossless), payload.AsSpan(0, (int)(number % Run.PayloadCapacity))))
                    inLossless++;
                if (out1.TryWrite(Probe.Of(inQueue), payload.AsSpan(0, (int)(number % Run.PayloadCapacity))))
                    inQueue++;
            }

            Thread.Sleep(5);
        });
        Begin("reads", () => Read(queue));
        Begin("serves", () => calls.Serve(Answer, _stop.Token));
        Begin("queues", WriteToWhomeverComes);
    }

    /// <summary>An abstract name: everybody finds it.</summary>
    public static string StrangersName => $"@hostile-{Path.GetFileName(Run.Directory)}";

    // A queue that its writer has created has one reader in its life.
    private void WriteToWhomeverComes()
    {
        using SharedQueueWriter<Probe> queue = SharedQueue.CreateWriter<Probe>(Run.PathOf("queue-out"), Queue());
        using ManualResetEventSlim left = new();
        queue.PeerLeft += (_, _) => left.Set();
        int written = 0;
        try
        {
            while (!left.Wait(1))
            {
                // Up to the reader's limit, and then as far as it lets this writer.
                for (int i = 0; i < 16 && queue.TryWrite(Probe.Of(written)); i++)
                    written++;
            }
        }
        catch (SharedMemoryException error)
        {
            Count(error);
            left.Wait(TimeSpan.FromSeconds(10));
        }
    }

    private void Read(SharedQueueReader<Probe> queue)
    {
        if (!queue.TryWaitToRead(TimeSpan.FromMilliseconds(10)))
            return;
        while (queue.TryLease(out Lease<Probe> lease))
        {
            using (lease)
            {
                Probe probe = lease.Value;
                int sum = 0;
                foreach (byte next in lease.Payload)
                    sum += next;
                if (probe.IsHonest)
                    Check(probe, sum);
            }
        }
    }

    private void Check(in Probe probe, int sum)
    {
        if (!probe.IsWhole || sum != probe.Number % Run.PayloadCapacity)
            _faults.Enqueue($"message {probe.Number} of the honest writer is torn");
        if (probe.Number != _nextFromHonest)
            _faults.Enqueue($"message {_nextFromHonest} of the honest writer was to come, and {probe.Number} came");
        Volatile.Write(ref _nextFromHonest, probe.Number + 1);
    }

    private static void Answer(IncomingCall<Probe, Probe> call)
    {
        Probe request = call.Request;
        int sum = 0;
        foreach (byte next in call.RequestPayload)
            sum += next;
        Probe response = Probe.Of(request.Number + 1, request.IsHonest && request.IsWhole ? 0 : sum);
        if (!request.IsHonest)
            response.Secret = 0;
        call.Response = response;
    }

    private T Add<T>(T end)
        where T : IDisposable
    {
        _ends.Add(end);
        return end;
    }

    private void Begin(string name, Action turn)
    {
        Thread thread = new(() =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    turn();
                }
                catch (Exception error) when (error is SharedMemoryException or TimeoutException)
                {
                    // What a peer may cause.
                    Count(error);
                }
                catch (Exception error) when (_stop.IsCancellationRequested)
                {
                    Count(error);
                }
            }
        })
        { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    private void Count(Exception error) => _counts.AddOrUpdate(error.GetType().Name, 1, (_, count) => count + 1);

    private static SharedQueueOptions Queue() => new()
    {
        AllowedPeers = Run.Everybody,
        HandshakeTimeout = Run.HandshakeTimeout,
        Wait = WaitMode.Park,
        Capacity = Run.Capacity,
        PayloadCapacity = Run.PayloadCapacity,
        PublishTimes = true,
    };

    private static SharedBroadcastOptions Broadcast(bool lossless) => new()
    {
        AllowedPeers = Run.Everybody,
        HandshakeTimeout = Run.HandshakeTimeout,
        Wait = WaitMode.Park,

        // The writer looks at what its readers have given back once in a lap, in which one of them may have to wait.
        Capacity = lossless ? Run.Capacity : 16 * Run.Capacity,
        PayloadCapacity = Run.PayloadCapacity,
        Lossless = lossless,
        CutOffAfter = lossless ? TimeSpan.FromSeconds(10) : null,
    };
}
