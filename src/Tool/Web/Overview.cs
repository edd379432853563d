using System.Text.Json;
using TypedShm.Tool.Sampling;
using TypedShm.Tool.Verbs;

namespace TypedShm.Tool.Web;

/// <summary>
/// The list of all channels, once for all pages: looked at each second while there is a page, and by nobody otherwise. Thread-safe.
/// </summary>
internal sealed class Overview
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private int _pages;
    private Sampler? _sampler;

    /// <summary>The event of the last look, a new array each time; null before the first one.</summary>
    /// <exception cref="IOException">The machine could not be looked at.</exception>
    public byte[]? Latest
    {
        get
        {
            lock (_gate)
                return _sampler?.Latest;
        }
    }

    /// <summary>Begins to look, for a page; until what is returned is disposed.</summary>
    public IDisposable Join()
    {
        lock (_gate)
        {
            if (_pages++ == 0)
                _sampler = new Sampler();
        }

        return new Visit(this);
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_pages > 0)
                return;
            _sampler!.Stop();
            _sampler = null;
        }
    }

    private static void Write(Utf8JsonWriter writer, Machine machine)
    {
        writer.WriteString("machine", Environment.MachineName);
        writer.WriteStartArray("hidden");
        foreach (string hidden in machine.Hidden)
            writer.WriteStringValue(Show.Safe(hidden));
        writer.WriteEndArray();
        writer.WriteStartArray("channels");
        foreach (ChannelReport report in machine.Reports)
        {
            writer.WriteStartObject();
            List.Write(writer, report);
            writer.WriteBoolean("isDenied", report.Obstacle is not null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed class Visit(Overview overview) : IDisposable
    {
        private Overview? _overview = overview;

        public void Dispose() => Interlocked.Exchange(ref _overview, null)?.Leave();
    }

    /// <summary>From the first page that comes to the last that goes. A thread of its own: creators may be slow to answer.</summary>
    private sealed class Sampler
    {
        private readonly object _gate = new();
        private readonly Task _task;
        private bool _isOver;
        private volatile byte[]? _latest;

        public Sampler() =>
            _task = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        public byte[]? Latest
        {
            get
            {
                if (_task.IsFaulted)
                    throw new IOException($"The channels cannot be listed: {_task.Exception.InnerException!.Message}", _task.Exception);
                return _latest;
            }
        }

        public void Stop()
        {
            lock (_gate)
            {
                _isOver = true;
                Monitor.Pulse(_gate);
            }
        }

        private void Run()
        {
            using Machine machine = new();
            do
            {
                machine.Refresh();
                _latest = EventWriter.Json(writer => Write(writer, machine));
            }
            while (Pause());
        }

        private bool Pause()
        {
            lock (_gate)
                return !_isOver && (!Monitor.Wait(_gate, s_pause) || !_isOver);
        }
    }
}
