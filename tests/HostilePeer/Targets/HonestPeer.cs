using System.Globalization;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Targets;

/// <summary>
/// An ordinary peer of everything that is attacked. Its messages are numbered: none may be lost, doubled or torn, and it may not be kept
/// out.
/// </summary>
internal sealed class HonestPeer : IDisposable
{
    private readonly Dictionary<string, long> _seen = [];
    private readonly List<string> _faults = [];
    private readonly CancellationTokenSource _stop = new();
    private long _sent;

    public static async Task Live()
    {
        using HonestPeer peer = new();
        peer.Start();
        Dictionary<string, long> last = [];
        await Commands.Answer(async command =>
        {
            switch (command)
            {
                case "sent": return peer._sent.ToString(CultureInfo.InvariantCulture);
                case "progress":
                    await Until.Holds(() => peer.HasMoved(last) || peer.Faults.Length > 0, "everything moves").ConfigureAwait(false);
                    last = peer.Seen;
                    return peer.Faults is { Length: > 0 } faults ? throw new InvalidOperationException(string.Join("; ", faults)) : "moves";
                case "seen": return string.Join(", ", peer.Seen.Select(pair => $"{pair.Key} {pair.Value:N0}"));
                case "open": return OpenAll();
                default: throw new InvalidOperationException($"What is '{command}'?");
            }
        }).ConfigureAwait(false);
        await peer._stop.CancelAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private Dictionary<string, long> Seen
    {
        get
        {
            lock (_seen)
                return new Dictionary<string, long>(_seen);
        }
    }

    private string[] Faults
    {
        get
        {
            lock (_faults)
                return [.. _faults];
        }
    }

    /// <summary>Whether whoever comes new finds everything as it should be.</summary>
    private static string OpenAll()
    {
        OpenOptions options = new() { AllowedOwner = Run.Everybody, Timeout = TimeSpan.FromSeconds(60), Wait = WaitMode.Park };
        SharedStruct.Open<Probe>(Run.PathOf("struct"), options).Dispose();
        SharedStruct.OpenReadWrite<Probe>(Run.PathOf("struct-write"), options).Dispose();
        SharedState.Open<Probe>(Run.PathOf("state"), options).Dispose();
        SharedTable.Open<Probe>(Run.PathOf("table"), options).Dispose();
        SharedBroadcast.Open<Probe>(Run.PathOf("broadcast"), options).Dispose();
        SharedBroadcast.Open<Probe>(Run.PathOf("lossless"), options).Dispose();
        SharedQueue.OpenWriter<Probe>(Run.PathOf("queue-in"), options).Dispose();
        SharedQueue.OpenReader<Probe>(Run.PathOf("queue-out"), options).Dispose();
        using SharedCallClient<Probe, Probe> calls = SharedCall.Open<Probe, Probe>(Run.PathOf("call"), options);
        return calls.TryCall(Probe.Of(1), out Probe answer, TimeSpan.FromSeconds(60)) && answer is { Number: 2, IsWhole: true }
            ? "opens"
            : throw new InvalidOperationException("a wrong answer");
    }

    private void Start()
    {
        OpenOptions options = new() { AllowedOwner = Run.Everybody, Timeout = TimeSpan.FromSeconds(60), Wait = WaitMode.Park };
        SharedStructReader<Probe> theStruct = SharedStruct.Open<Probe>(Run.PathOf("struct"), options);
        Begin("struct", last => theStruct.TryWait(s_turn) ? Later(last, theStruct.Value.Number) : last);

        SharedStateReader<Probe> state = SharedState.Open<Probe>(Run.PathOf("state"), options);
        StateGeneration generation = default;
        Begin("state", last => state.TryWait(generation, s_turn) ? Later(last, Whole(state.Read(out generation)).Number) : last);

        SharedTableReader<Probe> table = SharedTable.Open<Probe>(Run.PathOf("table"), options);
        long[] versions = new long[Run.TableCount];
        Begin("table", last =>
        {
            Thread.Sleep(5);
            int index = (int)(last % Run.TableCount);
            if (!table.TryRead(index, out Probe probe, out long version))
                return last;
            versions[index] = Later(versions[index], version);
            if (version > 0)
                Whole(probe);
            return last + 1;
        });

        SharedBroadcastReader<Probe> broadcast = SharedBroadcast.Open<Probe>(Run.PathOf("broadcast"), options);
        long start = broadcast.Start;
        Begin("broadcast", last =>
        {
            if (!broadcast.TryRead(out Probe probe, s_turn))
                return last;
            long expected = start + last + broadcast.Lost;
            if (Whole(probe).Number != expected)
                Fault($"broadcast: {probe.Number} after {last} received and {broadcast.Lost} lost from {start} on");
            return last + 1;
        });

        SharedBroadcastReader<Probe> lossless = SharedBroadcast.Open<Probe>(Run.PathOf("lossless"), options);
        long first = lossless.Start;
        Begin("lossless", last => lossless.TryRead(out Probe probe, s_turn) ? Next("lossless", first, last, probe) : last);

        SharedQueueReader<Probe> queue = SharedQueue.OpenReader<Probe>(Run.PathOf("queue-honest"), options);
        Begin("queue-out", last => queue.TryRead(out Probe probe, s_turn) ? Next("queue-out", 0, last, probe) : last);

        SharedCallClient<Probe, Probe> calls = SharedCall.Open<Probe, Probe>(Run.PathOf("call"), options);
        Begin("call", last =>
        {
            Thread.Sleep(5);
            if (!calls.TryCall(Probe.Of(last), out Probe answer, TimeSpan.FromSeconds(60)))
            {
                Fault($"call {last} was not answered in time");
                return last;
            }

            if (!answer.IsHonest || !answer.IsWhole || answer.Number != last + 1 || answer.Sender != 0)
                Fault($"call {last} was answered {answer.Number} from {answer.Sender}");
            return last + 1;
        });

        SharedQueueWriter<Probe> writer = SharedQueue.OpenWriter<Probe>(Run.PathOf("queue-in"), options);
        byte[] ones = new byte[Run.PayloadCapacity];
        Array.Fill(ones, (byte)1);
        Begin("queue-in", last =>
        {
            Thread.Sleep(5);
            writer.Write(Probe.Of(last), ones.AsSpan(0, (int)(last % Run.PayloadCapacity)));
            Volatile.Write(ref _sent, last + 1);
            return last + 1;
        });
    }

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(50);

    private long Next(string what, long first, long last, in Probe probe)
    {
        if (Whole(probe).Number != first + last)
            Fault($"{what}: message {first + last} was to come, and {probe.Number} came");
        return last + 1;
    }

    private long Later(long last, long now)
    {
        if (now < last)
            Fault($"{now} after {last}");
        return now;
    }

    private Probe Whole(in Probe probe)
    {
        if (!probe.IsHonest || !probe.IsWhole)
            Fault($"message {probe.Number} is torn");
        return probe;
    }

    private void Fault(string what)
    {
        lock (_faults)
        {
            if (_faults.Count < 10)
                _faults.Add(what);
        }
    }

    private bool HasMoved(Dictionary<string, long> last)
    {
        Dictionary<string, long> now = Seen;
        return now.Count == Channels && now.All(pair => pair.Value > last.GetValueOrDefault(pair.Key));
    }

    private const int Channels = 8;

    private void Begin(string name, Func<long, long> turn)
    {
        Thread thread = new(() =>
        {
            long last = 0;
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    last = turn(last);
                }
                catch (Exception error)
                {
                    Fault($"{name}: {error.Message}");
                    return;
                }

                lock (_seen)
                    _seen[name] = last;
            }
        })
        { IsBackground = true, Name = name };
        thread.Start();
    }
}
