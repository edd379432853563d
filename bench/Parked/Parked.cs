using System.Diagnostics;
using System.Globalization;

namespace TypedShm.ParkedReaders;

/// <summary>What readers cost that wait for something that does not come, and what it costs to publish to them.</summary>
internal sealed class Parked(int readers, int seconds, bool threads, WaitFence fence)
{
    private const int Publications = 200;

    public static Parked Parse(string readers, string seconds, bool threads, WaitFence fence) =>
        new(int.Parse(readers, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture), threads, fence);

    public IEnumerable<(string Name, double Value, string Unit)> Measure(string name)
    {
        SharedStateOptions options = new() { MaxPeers = readers, Fence = fence };
        using SharedStateWriter<Value> state = SharedState.Create<Value>($"{name}-data", options);
        using SharedQueueReader<Message> words = SharedQueue.CreateReader<Message>($"{name}-words");

        // The peer says how long its threads have run: before, and after it has slept for the time.
        words.Read();
        long before = RunTime();
        long start = words.Read().Number;
        long end = words.Read().Number;
        string tag = $"{(threads ? "thread" : "async")}_{readers}";
        yield return ($"idle_{tag}", (end - start) / 1e9 / seconds / readers * 100, "%_of_a_core_each");
        yield return ($"idle_writer_{tag}", (RunTime() - before) / 1e9 / seconds * 100, "%_of_a_core");

        // Each publication finds all of them asleep.
        long time = 0;
        for (int i = 0; i < Publications; i++)
        {
            Value value = new() { First = i, Last = i };
            long at = Stopwatch.GetTimestamp();
            state.Write(in value);
            time += Stopwatch.GetTimestamp() - at;
            words.Read();
        }

        yield return ($"publish_{tag}", time * 1e9 / Stopwatch.Frequency / Publications, "ns");
    }

    public void Peer(string name)
    {
        using SharedQueueWriter<Message> words = SharedQueue.OpenWriter<Message>($"{name}-words");
        OpenOptions options = new() { Fence = fence, Wait = WaitMode.Park };
        SharedStateReader<Value>[] all =
            [.. Enumerable.Range(0, readers).Select(_ => SharedState.Open<Value>($"{name}-data", options))];
        int awake = 0;
        for (int i = 0; i < readers; i++)
        {
            SharedStateReader<Value> reader = all[i];
            if (threads)
                new Thread(() => Watch(reader, () => Woken(ref awake, words)), 256 * 1024) { IsBackground = true }.Start();
            else
                _ = WatchAsync(reader, () => Woken(ref awake, words));
        }

        Thread.Sleep(2000);
        words.Write(default(Message));
        long before = RunTime();
        words.Write(new Message { Number = before });
        Thread.Sleep(seconds * 1000);
        words.Write(new Message { Number = RunTime() });
        Thread.Sleep(Timeout.Infinite);
    }

    private void Woken(ref int awake, SharedQueueWriter<Message> words)
    {
        if (Interlocked.Increment(ref awake) % readers != 0)
            return;

        // All of them have seen it; time to go to sleep again.
        Thread.Sleep(20);
        lock (words)
            words.Write(default(Message));
    }

    private static void Watch(SharedStateReader<Value> reader, Action woken)
    {
        try
        {
            reader.Read(out StateGeneration generation);
            while (true)
            {
                reader.Wait(in generation);
                reader.Read(out generation);
                woken();
            }
        }
        catch (PeerGoneException)
        {
            // The writer has what it wanted to know.
        }
    }

    private static async Task WatchAsync(SharedStateReader<Value> reader, Action woken)
    {
        reader.Read(out StateGeneration generation);
        while (true)
        {
            await reader.WaitAsync(generation).ConfigureAwait(false);
            reader.Read(out generation);
            woken();
        }
    }

    // Of all threads, in nanoseconds.
    private static long RunTime() => Directory.GetDirectories("/proc/self/task").Sum(RunTimeOf);

    private static long RunTimeOf(string thread) =>
        long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
}
