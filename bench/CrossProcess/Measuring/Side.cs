using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using HdrHistogram;
using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>One of the two processes of a <see cref="Duet"/>.</summary>
internal sealed partial class Side : IDisposable
{
    private const byte Go = (byte)'g';
    private const byte GoAndRecord = (byte)'r';
    private const byte Here = (byte)'h';
    private const long LongestRoundTrip = 10_000_000_000;

    private static readonly TimeSpan s_untilItHasEnded = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    /// <param name="isMain">Which side.</param>
    /// <param name="workload">The name of the workload in <see cref="Catalog"/>.</param>
    /// <param name="name">What the names of its endpoints begin with.</param>
    /// <param name="ended">Told when the process has ended, for whatever reason.</param>
    public Side(bool isMain, string workload, string name, Action ended)
    {
        ProcessStartInfo start = new(
            Machine.Program, ["side", isMain ? "main" : "peer", workload, name, $"{Catalog.Divisor}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.Exited += (_, _) => ended();
        _process.Start();
    }

    /// <summary>Begins a round, once this side is open.</summary>
    public void Begin(bool isRecorded = false)
    {
        Stream input = _process.StandardInput.BaseStream;
        input.WriteByte(isRecorded ? GoAndRecord : Go);
        input.Flush();
        if (_process.StandardOutput.BaseStream.ReadByte() != Here)
            throw new EndOfStreamException();
    }

    /// <summary>Waits for the end of the round.</summary>
    /// <param name="latencies">Round trips, if they were recorded and there are any.</param>
    public Run End(out IReadOnlyList<Latency> latencies)
    {
        string[] words = ReadLine(_process.StandardOutput.BaseStream).Split(' ');
        long[] numbers = [.. words.Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        latencies = [.. numbers.Skip(6).Select((value, i) => new Latency(Latency.Percentiles[i], value))];
        return new Run(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    /// <summary>Ends it in the middle of whatever it does.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(s_untilItHasEnded))
            _process.Kill();
        _process.Dispose();
    }

    /// <summary>The process itself: a round whenever it is told to, until its input ends.</summary>
    public static void Be(bool isMain, string workload, string name)
    {
        // In the middle of a round it does not look at its input: not even then does it outlive who started it.
        const int PR_SET_PDEATHSIG = 1;
        const int SIGKILL = 9;
        _ = prctl(PR_SET_PDEATHSIG, SIGKILL);

        using Workload side = Catalog.Create(workload, name);
        using Stream input = Console.OpenStandardInput();
        using Stream output = Console.OpenStandardOutput();
        if (isMain)
            side.OpenMain();
        else
            side.OpenPeer();
        for (int go = input.ReadByte(); go is Go or GoAndRecord; go = input.ReadByte())
        {
            side.Histogram = go == GoAndRecord ? new LongHistogram(LongestRoundTrip, 3) : null;
            output.WriteByte(Here);
            output.Flush();
            Run run = isMain ? Measured(side, side.Cores.Main, side.RunMain) : Measured(side, side.Cores.Peer, side.RunPeer);
            string line = $"{run.Start} {run.End} {run.Count} {run.Allocated} {run.Suspended} {run.Waited}{Recorded(side.Histogram)}\n";
            output.Write(Encoding.ASCII.GetBytes(line));
            output.Flush();
        }
    }

    private static string Recorded(LongHistogram? histogram) => histogram is { TotalCount: > 0 }
        ? string.Concat(Latency.Percentiles.Select(percentile => $" {histogram.GetValueAtPercentile(percentile)}"))
        : "";

    private static Run Measured(Workload workload, int core, Func<Run> round)
    {
        using Affinity.Pinned? pinned = workload.Pinning switch
        {
            Pinning.Thread => Affinity.Thread(core),
            Pinning.Process => Affinity.Process(core),
            _ => null,
        };
        long allocated = Allocated(workload);
        long waited = Placement.WaitedByThisThread();
        Run run = round();
        waited = Placement.WaitedByThisThread() - waited;
        return run with { Allocated = Allocated(workload) - allocated, Waited = waited };
    }

    // Tasks go on on any thread.
    private static long Allocated(Workload workload) => workload.Pinning == Pinning.Thread
        ? GC.GetAllocatedBytesForCurrentThread()
        : GC.GetTotalAllocatedBytes(precise: true);

    private static string ReadLine(Stream stream)
    {
        List<byte> line = [];
        for (int next = stream.ReadByte(); next != '\n'; next = stream.ReadByte())
            line.Add(next >= 0 ? (byte)next : throw new EndOfStreamException());
        return Encoding.ASCII.GetString([.. line]);
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint argument);
}
