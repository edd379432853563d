using System.Diagnostics;
using System.Globalization;
using HdrHistogram;
using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>A workload of this process and another one, which it starts.</summary>
/// <param name="workload">Its name in <see cref="Catalog"/>.</param>
internal sealed class Duet(string workload) : Source
{
    private const byte Go = (byte)'g';
    private const byte Here = (byte)'h';
    private const long LongestRoundTrip = 10_000_000_000;
    private static int s_count;

    private Workload _main = null!;
    private Process _peer = null!;
    private Run _lastMain;
    private Run _lastPeer;

    public override double? AllocatedPerMessage =>
        _main.Pinning == Pinning.None ? null : (double)(_lastMain.Allocated + _lastPeer.Allocated) / _lastMain.Count;

    public override double? SuspendedShare => _lastMain.Suspended + _lastPeer.Suspended == 0
        ? null
        : (double)(_lastMain.Suspended + _lastPeer.Suspended) / (_lastMain.Count + _lastPeer.Count);

    public override void Start(TimeSpan most)
    {
        long began = Stopwatch.GetTimestamp();
        string name = Path.Combine(Scratch.Directory, $"{workload}-{++s_count}");
        ProcessStartInfo start = new(Environment.ProcessPath!, ["peer", workload, name, $"{Catalog.Divisor}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _peer = Process.Start(start)!;
        _main = Catalog.Create(workload, name);
        _main.OpenMain();
        for (int i = 0; i < _main.WarmUps && Stopwatch.GetElapsedTime(began) < most; i++)
        {
            Take();

            // The code that was found hot is compiled before the next round.
            Thread.Sleep(60);
        }
    }

    public override double Take()
    {
        Stream toPeer = _peer.StandardInput.BaseStream;
        toPeer.WriteByte(Go);
        toPeer.Flush();
        if (_peer.StandardOutput.BaseStream.ReadByte() != Here)
            throw new InvalidOperationException($"The other process of {workload} has ended; see above for what it said.");
        _lastMain = Measured(_main, _main.Cores.Main, _main.RunMain);
        _lastPeer = Parse(ReadLine(_peer.StandardOutput.BaseStream));
        return _main.Cost(_lastMain, _lastPeer);
    }

    public override LongHistogram? Distribution()
    {
        LongHistogram histogram = new(LongestRoundTrip, 3);
        _main.Histogram = histogram;
        Take();
        _main.Histogram = null;
        return histogram.TotalCount > 0 ? histogram : null;
    }

    public override void Dispose()
    {
        // Null if it was never started, or not as far.
        _peer?.StandardInput.Close();
        _main?.Dispose();
        if (_peer is not null && !_peer.WaitForExit(TimeSpan.FromSeconds(10)))
            _peer.Kill();
        _peer?.Dispose();
    }

    /// <summary>The other process: a round whenever it is told to, until its input ends.</summary>
    public static void Peer(string workload, string name)
    {
        using Workload peer = Catalog.Create(workload, name);
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        peer.OpenPeer();
        while (input.ReadByte() == Go)
        {
            output.WriteByte(Here);
            output.Flush();
            Run run = Measured(peer, peer.Cores.Peer, peer.RunPeer);
            output.Write(System.Text.Encoding.ASCII.GetBytes($"{run.Start} {run.End} {run.Count} {run.Allocated} {run.Suspended}\n"));
            output.Flush();
        }
    }

    private static Run Measured(Workload workload, int core, Func<Run> round)
    {
        using Affinity.Pinned? pinned = workload.Pinning switch
        {
            Pinning.Thread => Affinity.Thread(core),
            Pinning.Process => Affinity.Process(core),
            _ => null,
        };
        long allocated = Allocated(workload);
        Run run = round();
        return run with { Allocated = Allocated(workload) - allocated };
    }

    // Tasks go on on any thread.
    private static long Allocated(Workload workload) => workload.Pinning == Pinning.Thread
        ? GC.GetAllocatedBytesForCurrentThread()
        : GC.GetTotalAllocatedBytes(precise: true);

    private static string ReadLine(Stream stream)
    {
        List<byte> line = [];
        for (int next = stream.ReadByte(); next != '\n'; next = stream.ReadByte())
            line.Add(next >= 0 ? (byte)next : throw new EndOfStreamException("The other process has ended in the middle of a round."));
        return System.Text.Encoding.ASCII.GetString([.. line]);
    }

    private static Run Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        return new Run(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }
}

/// <summary>The directory of this run, for sockets and what else needs a path.</summary>
internal static class Scratch
{
    private static DirectoryInfo? s_directory;

    public static string Directory => (s_directory ??= System.IO.Directory.CreateTempSubdirectory("shm-bench-")).FullName;

    public static void Delete() => s_directory?.Delete(recursive: true);
}
