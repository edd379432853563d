using System.Diagnostics;

namespace TypedShm.WatchedChannels;

/// <summary>What is written: 64 bytes.</summary>
[SharedLayout]
internal partial struct Value
{
    public long First;
    public double A;
    public double B;
    public double C;
    public double D;
    public double E;
    public double F;
    public long Last;
}

/// <summary>A channel that is written to as fast as it can be.</summary>
/// <param name="kind">What it is.</param>
/// <param name="end">Its writer.</param>
/// <param name="write">Writes a value so often.</param>
internal sealed class Subject(string kind, SharedEnd end, Action<long> write) : IDisposable
{
    private const int Batch = 10_000;

    private long _next;

    public string Kind => kind;

    public string Name => end.Name;

    public static Subject State()
    {
        SharedStateWriter<Value> state = SharedState.Create<Value>($"watched-{Environment.ProcessId}-state");
        return new Subject("state", state, first =>
        {
            for (long i = first; i < first + Batch; i++)
                state.Write(Of(i));
        });
    }

    public static Subject Table()
    {
        SharedTableWriter<Value> table = SharedTable.Create<Value>($"watched-{Environment.ProcessId}-table", 16);
        return new Subject("table", table, first =>
        {
            for (long i = first; i < first + Batch; i++)
                table.Write((int)(i % 16), Of(i));
        });
    }

    public static Subject Broadcast()
    {
        SharedBroadcastWriter<Value> broadcast = SharedBroadcast.Create<Value>($"watched-{Environment.ProcessId}-broadcast");
        return new Subject("broadcast", broadcast, first =>
        {
            for (long i = first; i < first + Batch; i++)
                broadcast.Write(Of(i));
        });
    }

    /// <summary>Writes for a time.</summary>
    /// <returns>How many values a second.</returns>
    public double Run(TimeSpan time)
    {
        long begun = Stopwatch.GetTimestamp();
        long first = _next;
        TimeSpan elapsed;
        do
        {
            WriteBatch();
            elapsed = Stopwatch.GetElapsedTime(begun);
        }
        while (elapsed < time);
        return (_next - first) / elapsed.TotalSeconds;
    }

    public void WriteBatch()
    {
        write(_next);
        _next += Batch;
    }

    public void Dispose() => end.Dispose();

    private static Value Of(long number) => new() { First = number, A = number * 0.5, Last = number };
}

/// <summary>Writes on a thread of its own until it is stopped.</summary>
internal sealed class Writing : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _isOver;

    public Writing(Subject subject)
    {
        _thread = new Thread(() =>
        {
            while (!_isOver)
                subject.WriteBatch();
        });
        _thread.Start();
    }

    public void Stop()
    {
        _isOver = true;
        _thread.Join();
    }

    public void Dispose() => Stop();
}
