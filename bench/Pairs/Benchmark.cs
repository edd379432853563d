using System.Diagnostics;

namespace TypedShm.Pairs;

/// <summary>A figure of two processes. Both go through the same rounds, of which all but the last warm up.</summary>
internal abstract class Benchmark
{
    protected const int Rounds = 8;

    public static Benchmark? Of(string name) => name switch
    {
        "rtt" => new RoundTrip("rtt_56", WaitMode.Spin, 500_000, peerCore: 1),
        "park" => new RoundTrip("rtt_park_samecore", WaitMode.Park, 8_000, peerCore: 0),
        "call" => new CallRoundTrip(),
        "queue" => new Throughput("queue_56B_cap1024", Channel.Queue),
        "lossless" => new Throughput("lossless_56B_cap1024", Channel.Lossless),
        "lossy" => new Throughput("lossy_56B_cap1024", Channel.Lossy),
        "state" => new StateReads(),
        _ => Parked.Parse(name),
    };

    public abstract IEnumerable<(string Name, double Value, string Unit)> Measure(Setting setting);

    public abstract void Peer(Setting setting);

    /// <summary>Goes through all rounds, and gives what the last one did.</summary>
    protected static double Last(Func<double> round)
    {
        for (int i = 1; i < Rounds; i++)
        {
            round();

            // The code that was found hot is compiled before the next one.
            Thread.Sleep(60);
        }

        return round();
    }

    protected static double NanosecondsSince(long start) => Stopwatch.GetElapsedTime(start).TotalNanoseconds;
}

/// <summary>There and back through two queues.</summary>
internal sealed class RoundTrip(string name, WaitMode mode, int count, int peerCore) : Benchmark
{
    public override IEnumerable<(string Name, double Value, string Unit)> Measure(Setting setting)
    {
        Setting.Pin(0);
        using SharedQueueReader<Message> back =
            SharedQueue.CreateReader<Message>($"{setting.Name}-back", new SharedQueueOptions { Wait = mode, Fence = setting.Fence });
        using SharedQueueWriter<Message> there =
            SharedQueue.OpenWriter<Message>($"{setting.Name}-there", new OpenOptions { Wait = mode, Fence = setting.Fence });
        double time = Last(() => Round(there, back, count));
        there.Complete();
        yield return (name, time / count, "ns");
    }

    public override void Peer(Setting setting)
    {
        Setting.Pin(peerCore);
        using SharedQueueReader<Message> there =
            SharedQueue.CreateReader<Message>($"{setting.Name}-there", new SharedQueueOptions { Wait = mode, Fence = setting.Fence });
        using SharedQueueWriter<Message> back =
            SharedQueue.OpenWriter<Message>($"{setting.Name}-back", new OpenOptions { Wait = mode, Fence = setting.Fence });
        while (Answer(there, back))
        {
        }
    }

    private static double Round(SharedQueueWriter<Message> there, SharedQueueReader<Message> back, int count)
    {
        long start = Stopwatch.GetTimestamp();
        Message message = default;
        for (int i = 0; i < count; i++)
        {
            message.Number = i;
            there.Write(in message);
            message = back.Read();
            if (message.Number != i)
                throw new InvalidOperationException($"Message {message.Number} came back instead of {i}.");
        }

        return NanosecondsSince(start);
    }

    private static bool Answer(SharedQueueReader<Message> there, SharedQueueWriter<Message> back)
    {
        if (!there.WaitToRead())
            return false;
        while (there.TryRead(out Message message))
            back.Write(in message);
        return true;
    }
}

/// <summary>A call of a server that answers with the request.</summary>
internal sealed class CallRoundTrip : Benchmark
{
    private const int Count = 300_000;

    public override IEnumerable<(string Name, double Value, string Unit)> Measure(Setting setting)
    {
        Setting.Pin(0);
        using SharedCallClient<Message, Message> client =
            SharedCall.Open<Message, Message>(setting.Name, new OpenOptions { Wait = WaitMode.Spin, Fence = setting.Fence });
        double time = Last(() => Round(client));
        yield return ("rtt_call_56", time / Count, "ns");
    }

    public override void Peer(Setting setting)
    {
        Setting.Pin(1);
        using SharedCallServer<Message, Message> server =
            SharedCall.Create<Message, Message>(setting.Name, new SharedCallOptions { Wait = WaitMode.Spin, Fence = setting.Fence });
        server.Serve(static call => call.Response = call.Request);
    }

    private static double Round(SharedCallClient<Message, Message> client)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++)
        {
            if (client.Call(new Message { Number = i }).Number != i)
                throw new InvalidOperationException("The answer is not to what was asked.");
        }

        return NanosecondsSince(start);
    }
}

internal enum Channel
{
    Queue,
    Lossless,
    Lossy,
}

/// <summary>One message after another through a ring of 1,024: the time until the last one has been read.</summary>
internal sealed class Throughput(string name, Channel channel) : Benchmark
{
    private const int Count = 6_000_000;
    private const int Capacity = 1024;

    public override IEnumerable<(string Name, double Value, string Unit)> Measure(Setting setting)
    {
        Setting.Pin(0);
        using SharedQueueReader<Message> done =
            SharedQueue.CreateReader<Message>($"{setting.Name}-done", new SharedQueueOptions { Wait = WaitMode.Spin });
        SharedBroadcastOptions options =
            new() { Capacity = Capacity, Lossless = channel == Channel.Lossless, Wait = WaitMode.Spin, Fence = setting.Fence };
        using SharedBroadcastWriter<Message>? broadcast = channel == Channel.Queue
            ? null
            : SharedBroadcast.Create<Message>($"{setting.Name}-data", options);
        using SharedQueueWriter<Message>? queue = channel == Channel.Queue
            ? SharedQueue.OpenWriter<Message>($"{setting.Name}-data", new OpenOptions { Wait = WaitMode.Spin, Fence = setting.Fence })
            : null;
        long seen = 0;
        double time = Last(() =>
        {
            done.Read();
            long start = Stopwatch.GetTimestamp();
            if (queue is not null)
                Write(queue);
            else
                Write(broadcast!);
            seen = done.Read().Number;
            return NanosecondsSince(start);
        });
        yield return (name, Count / time * 1e9, "msg/s");
        if (channel == Channel.Lossy)
            yield return ($"{name}_seen", (double)seen / Count, "share");
    }

    public override void Peer(Setting setting)
    {
        Setting.Pin(1);
        using SharedQueueWriter<Message> done =
            SharedQueue.OpenWriter<Message>($"{setting.Name}-done", new OpenOptions { Wait = WaitMode.Spin });
        using SharedQueueReader<Message>? queue = channel == Channel.Queue
            ? SharedQueue.CreateReader<Message>(
            $"{setting.Name}-data", new SharedQueueOptions { Capacity = Capacity, Wait = WaitMode.Spin, Fence = setting.Fence }) : null;
        using SharedBroadcastReader<Message>? broadcast = channel == Channel.Queue
            ? null
            : SharedBroadcast.Open<Message>($"{setting.Name}-data", new OpenOptions { Wait = WaitMode.Spin, Fence = setting.Fence });
        for (int round = 0; round < Rounds; round++)
        {
            done.Write(default(Message));
            done.Write(new Message { Number = queue is not null ? Read(queue) : Read(broadcast!) });
        }
    }

    private static void Write(SharedQueueWriter<Message> queue)
    {
        Message message = default;
        for (int i = 0; i < Count; i++)
        {
            message.Number = i;
            queue.Write(in message);
        }
    }

    private static void Write(SharedBroadcastWriter<Message> broadcast)
    {
        Message message = default;
        for (int i = 0; i < Count; i++)
        {
            message.Number = i;
            broadcast.Write(in message);
        }
    }

    private static long Read(SharedQueueReader<Message> queue)
    {
        for (int i = 0; i < Count; i++)
        {
            if (queue.Read().Number != i)
                throw new InvalidOperationException("A message is not the one that was due.");
        }

        return Count;
    }

    private static long Read(SharedBroadcastReader<Message> broadcast)
    {
        long seen = 0;
        long number;
        do
        {
            number = broadcast.Read().Number;
            seen++;
        }
        while (number != Count - 1);
        return seen;
    }
}

/// <summary>Snapshots of a state that its writer changes without rest.</summary>
internal sealed class StateReads : Benchmark
{
    private const int Milliseconds = 200;

    public override IEnumerable<(string Name, double Value, string Unit)> Measure(Setting setting)
    {
        Setting.Pin(1);
        using SharedStateReader<Value> state =
            SharedState.Open<Value>($"{setting.Name}-data", new OpenOptions { Wait = WaitMode.Spin, Fence = setting.Fence });
        using SharedQueueWriter<Message> stop =
            SharedQueue.OpenWriter<Message>($"{setting.Name}-stop", new OpenOptions { Wait = WaitMode.Spin });
        double rate = Last(() => Round(state));
        stop.Complete();
        yield return ("state_64_snapshots", rate, "/s");
    }

    public override void Peer(Setting setting)
    {
        Setting.Pin(0);
        using SharedStateWriter<Value> state =
            SharedState.Create<Value>($"{setting.Name}-data", new SharedStateOptions { Wait = WaitMode.Spin, Fence = setting.Fence });
        using SharedQueueReader<Message> stop =
            SharedQueue.CreateReader<Message>($"{setting.Name}-stop", new SharedQueueOptions { Wait = WaitMode.Spin });
        long count = 0;
        while (!stop.TryRead(out _) && !stop.Completion.IsCompleted)
            count = WriteSome(state, count);
    }

    private static long WriteSome(SharedStateWriter<Value> state, long count)
    {
        for (int i = 0; i < 1000; i++)
        {
            count++;
            using StateClaim<Value> claim = state.Replace();
            ref Value value = ref claim.Value;
            value.First = count;
            value.Last = count;
            claim.Commit();
        }

        return count;
    }

    private static double Round(SharedStateReader<Value> state)
    {
        long count = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            for (int i = 0; i < 100; i++)
            {
                Value value = state.Read();
                if (value.First != value.Last)
                    throw new InvalidOperationException("A torn value was read.");
            }

            count += 100;
        }
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < Milliseconds);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
