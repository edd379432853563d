using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>
/// A workload of two processes, which it starts. If one of them ends, or a sample takes too long, both are killed: neither can keep this
/// process waiting.
/// </summary>
internal sealed class Duet : Source
{
    // A sample takes a second at most. On a machine that is busy with other things some never end, as each message waits for a core.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);
    private const string Ended = "One of the two processes has ended; see above for what it said.";
    private static int s_count;

    private readonly string _workloadName;
    private readonly string _name;
    private readonly Workload _workload;
    private Side _main = null!;
    private Side _peer = null!;
    private Run _lastMain;
    private Run _lastPeer;
    private string? _end;

    /// <param name="workload">Its name in <see cref="Catalog"/>.</param>
    public Duet(string workload)
    {
        _workloadName = workload;
        _name = Path.Combine(Scratch.Directory, $"{workload}-{++s_count}");
        _workload = Catalog.Create(workload, _name);
    }

    public override double? AllocatedPerMessage =>
        _workload.Pinning == Pinning.None ? null : (double)(_lastMain.Allocated + _lastPeer.Allocated) / _lastMain.Count;

    public override double? SuspendedShare => _lastMain.Suspended + _lastPeer.Suspended == 0
        ? null
        : (double)(_lastMain.Suspended + _lastPeer.Suspended) / (_lastMain.Count + _lastPeer.Count);

    // The threads that were put on their cores. Others of their processes may wait, which costs them nothing.
    public override bool IsDisturbed =>
        Math.Max(_lastMain.Waited, _lastPeer.Waited) > Placement.MostWaited * (_lastMain.End - _lastMain.Start);

    public override void Start(TimeSpan most)
    {
        long began = Environment.TickCount64;
        _peer = new Side(isMain: false, _workloadName, _name, () => End(Ended));
        _main = new Side(isMain: true, _workloadName, _name, () => End(Ended));
        for (int i = 0; i < _workload.WarmUps && Environment.TickCount64 - began < most.TotalMilliseconds; i++)
        {
            // The first one begins with starting the processes, which takes no less if rounds are shorter.
            Round(isRecorded: false, i == 0 ? s_longest : s_longest / Catalog.Divisor);

            // The code that was found hot is compiled before the next round.
            Thread.Sleep(60);
        }
    }

    public override double Take()
    {
        Round(isRecorded: false, s_longest / Catalog.Divisor);
        return _workload.Cost(_lastMain, _lastPeer);
    }

    public override IReadOnlyList<Latency> Distribution() => Round(isRecorded: true, s_longest / Catalog.Divisor);

    public override void Dispose()
    {
        // From now on they end because they are told to.
        Interlocked.CompareExchange(ref _end, "", null);

        // Null if it was not started as far.
        _peer?.Dispose();
        _main?.Dispose();
        _workload.Dispose();
    }

    private IReadOnlyList<Latency> Round(bool isRecorded, TimeSpan most)
    {
        using Timer tooLong = new(_ => End($"A sample took longer than {most.TotalSeconds} s."), null, most, Timeout.InfiniteTimeSpan);
        try
        {
            _peer.Begin();
            _main.Begin(isRecorded);
            _lastMain = _main.End(out IReadOnlyList<Latency> latencies);
            _lastPeer = _peer.End(out _);
            return latencies;
        }
        catch (IOException)
        {
            throw new InvalidOperationException(Volatile.Read(ref _end) ?? Ended);
        }
    }

    // What is being read from them ends with them.
    private void End(string why)
    {
        if (Interlocked.CompareExchange(ref _end, why, null) == "")
            return;
        _peer?.Kill();
        _main?.Kill();
    }
}

/// <summary>The directory of this run, for sockets and what else needs a path.</summary>
internal static class Scratch
{
    private static DirectoryInfo? s_directory;

    public static string Directory => (s_directory ??= System.IO.Directory.CreateTempSubdirectory("shm-bench-")).FullName;

    public static void Delete() => s_directory?.Delete(recursive: true);
}
