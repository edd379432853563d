using System.Globalization;
using Tmds.Linux;

namespace TypedShm.TestPeer;

/// <summary>What a test can ask of this process. It holds one struct at a time, as a writer or as a reader.</summary>
internal sealed class Commands
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private SharedStructWriter<Telemetry>? _writer;
    private SharedStructReader<Telemetry>? _reader;
    private PeerLeftEventArgs? _left;
    private readonly List<int> _descriptors = [];
    private readonly List<SharedStructReader<Telemetry>> _readers = [];

    private SharedRegion Region => _writer?.Region ?? _reader!.Region;

    public string Run(string[] words) => words switch
    {
        ["create", var name] => Hold(SharedStruct.Create<Telemetry>(name)),
        ["create-writable", var name] => Hold(SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true })),
        ["create-swapped", var name] => Try(() => SharedStruct.Create<Swapped.Telemetry>(name)),
        ["open", var name] => Hold(SharedStruct.Open<Telemetry>(name, Options())),
        ["open-async", var name] => Hold(SharedStruct.OpenAsync<Telemetry>(name, Options()).AsTask().GetAwaiter().GetResult()),
        ["open-reconnecting", var name] => Hold(SharedStruct.Open<Telemetry>(name, Options(reconnect: true))),
        ["open-writable", var name] => Hold(SharedStruct.OpenReadWrite<Telemetry>(name, Options())),
        ["open-writable-async", var name] =>
            Hold(SharedStruct.OpenReadWriteAsync<Telemetry>(name, Options()).AsTask().GetAwaiter().GetResult()),
        ["open-swapped", var name] => Try(() => SharedStruct.Open<Swapped.Telemetry>(name, Options())),

        ["write", var number] => Write(Number(number)),
        ["read"] => _writer is null ? _reader!.Read().Describe() : _writer.Read().Describe(),
        ["signal"] => Signal(1),
        ["signal", var count] => Signal(Number(count)),
        ["wait"] => Waited(_writer?.TryWait(s_patience) ?? _reader!.TryWait(s_patience)),
        ["wait-async"] => Waited((_writer is null ? _reader!.TryWaitAsync(s_patience).AsTask() : _writer.TryWaitAsync(s_patience)
            .AsTask()).GetAwaiter().GetResult()),
        ["wait-for", var number] => WaitFor(Number(number)),
        ["echo", var from, var to, var rounds] => Echo(from, to, Number(rounds), asynchronous: false),
        ["echo-async", var from, var to, var rounds] => Echo(from, to, Number(rounds), asynchronous: true),

        ["state"] => $"{_writer?.State ?? _reader!.State}",
        ["await-state", var state] => Await(() => $"{_writer?.State ?? _reader!.State}" == state),
        ["await-peers", var count] => Await(() => _writer!.Peers.Count == Number(count)),
        ["await-left"] => Await(() => _left is not null) + (_left!.WasClosed ? " closed" : " lost"),
        ["region"] => $"{Region.Inode} {Region.Size} {Region.IsWritable}",
        ["descriptors"] => $"{Directory.GetFiles("/proc/self/fd").Length}",
        ["mappings"] => $"{File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:typedshm", StringComparison.Ordinal))}",
        ["dispose"] => Dispose(),

        ["become", var user] => Limits.Become((uint)Number(user)),
        ["send-lingering", var path, .. var packets] => Lingering.Send(path, packets),
        ["serve-lingering", var path] => Lingering.Serve(path),
        ["block-pool"] => BlockPool(),
        ["open-many", var name, var count] => OpenMany(name, Number(count)),
        ["read-queue", var name, var count] => ReadQueue(name, Number(count)),
        ["exhaust-descriptors"] => ExhaustDescriptors(0),
        ["exhaust-descriptors", var but] => ExhaustDescriptors((int)Number(but)),
        ["release-descriptors"] => ReleaseDescriptors(),
        ["attack", var attack] => Attacks.OnRegion(attack, Region),
        ["attack-unsealed", var attack] => Attacks.OnUnsealedMemory(attack),
        ["outlive", var what] => Outliving.Run(what),
        ["limit", var what] => Limits.Run(what),
        ["queue", var bytes] => Limits.Queue(Number(bytes)),
        ["use-memory", var bytes] => Limits.UseMemory(Number(bytes)),
        ["may-dump-core", var bytes, var directory] => Limits.MayDumpCore((ulong)Number(bytes), directory),
        ["abort"] => Limits.Abort(),
        _ => throw new ArgumentException($"no such command: {string.Join(' ', words)}"),
    };

    private static OpenOptions Options(bool reconnect = false) => new() { Timeout = s_patience, Reconnect = reconnect };

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private static string Waited(bool signalled) => signalled ? "signalled" : "timed out";

    private static string Await(Func<bool> condition) =>
        SpinWait.SpinUntil(condition, s_patience) ? "yes" : throw new TimeoutException("it did not happen");

    // For as long as this process lives. A pool of a fixed size, which makes up for nothing.
    private static string BlockPool()
    {
        ThreadPool.SetMinThreads(Environment.ProcessorCount, 1);
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, 1);
        using CountdownEvent blocked = new(Environment.ProcessorCount);
        for (int i = 0; i < Environment.ProcessorCount; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static blocked =>
                {
                    blocked.Signal();
                    Thread.Sleep(Timeout.Infinite);
                },
                blocked, preferLocal: false);
        }

        return blocked.Wait(s_patience) ? "blocked" : throw new TimeoutException("the pool did not run");
    }

    private static string Try<T>(Func<T> create)
        where T : IDisposable
    {
        create().Dispose();
        return "it worked";
    }

    private string Hold(SharedStructWriter<Telemetry> writer)
    {
        _writer = writer;
        writer.PeerLeft += (_, left) => _left = left;
        return "ready";
    }

    private string Hold(SharedStructReader<Telemetry> reader)
    {
        _reader = reader;
        return "ready";
    }

    private string Write(long number)
    {
        _writer!.Value = Telemetry.Of(number);
        return "written";
    }

    private string Signal(long count)
    {
        for (long i = 0; i < count; i++)
            _writer!.Signal();
        return "signalled";
    }

    /// <summary>Waits, signal by signal, until the struct shows a number.</summary>
    private string WaitFor(long number)
    {
        while (Volatile.Read(in _reader!.Value.Tick) != number)
        {
            if (!_reader.TryWait(s_patience))
                throw new TimeoutException($"the struct shows {_reader.Value.Tick}, and no signal came");
        }

        return "seen";
    }

    /// <summary>Answers every change of one struct by the same change of another.</summary>
    private static string Echo(string from, string to, long rounds, bool asynchronous)
    {
        using SharedStructWriter<Telemetry> answer = SharedStruct.Create<Telemetry>(to);
        using SharedStructReader<Telemetry> question = SharedStruct.Open<Telemetry>(from, Options());
        for (long i = 1; i <= rounds; i++)
        {
            while (Volatile.Read(in question.Value.Tick) < i)
            {
                if (!(asynchronous ? question.TryWaitAsync(s_patience).AsTask().GetAwaiter().GetResult() : question.TryWait(s_patience)))
                    throw new TimeoutException($"question {i} did not come");
            }

            Volatile.Write(ref answer.Value.Tick, i);
            answer.Signal();
        }

        // The asker closes first, so that the last answer is not taken for a hang-up.
        try
        {
            // A question is stored before it is signalled, so the last signal may come after its question was answered.
            while (question.TryWait(s_patience))
            {
                if (Volatile.Read(in question.Value.Tick) != rounds)
                    return "one question too many";
            }

            return "the asker stayed";
        }
        catch (PeerGoneException)
        {
            return $"{rounds} answered";
        }
    }

    private string OpenMany(string name, long count)
    {
        for (long i = 0; i < count; i++)
            _readers.Add(SharedStruct.Open<Telemetry>(name, Options()));
        return $"{_readers.Count} are open";
    }

    /// <summary>Reads messages of several writers, asleep between them.</summary>
    private static string ReadQueue(string name, long count)
    {
        using SharedQueueReader<Telemetry> reader =
            SharedQueue.CreateReader<Telemetry>(name, new() { Capacity = 16, Wait = WaitMode.Park });
        long sum = 0;
        for (long i = 0; i < count; i++)
            sum += reader.TryRead(out Telemetry value, s_patience) ? value.Tick : throw new TimeoutException($"message {i} did not come");
        return $"{sum}";
    }

    /// <summary>Takes every descriptor that the limit leaves.</summary>
    private string ExhaustDescriptors(int but)
    {
        // The runtime ends the process when it cannot start a thread of the pool, for which it needs a descriptor.
        const int Threads = 8;
        ThreadPool.SetMinThreads(Threads, Threads);
        using (Barrier all = new(Threads))
            Task.WaitAll([.. Enumerable.Range(0, Threads).Select(_ => Task.Run(() => all.SignalAndWait(s_patience)))]);

        int next;
        while ((next = LibC.dup(0)) >= 0)
            _descriptors.Add(next);
        for (; but > 0; but--)
        {
            _ = LibC.close(_descriptors[^1]);
            _descriptors.RemoveAt(_descriptors.Count - 1);
        }

        return $"{_descriptors.Count} used up";
    }

    private string ReleaseDescriptors()
    {
        _descriptors.ForEach(descriptor => _ = LibC.close(descriptor));
        _descriptors.Clear();
        return "released";
    }

    private string Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        _readers.ForEach(reader => reader.Dispose());
        _readers.Clear();
        return "disposed";
    }
}
