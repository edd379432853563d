using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace TypedShm.Samples.Telemetry;

/// <summary>
/// Shows what an <see cref="Observer"/> sees: as a table that changes in place, or, where the output is no terminal, as lines.
/// </summary>
internal sealed class Screen(Observer observer)
{
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(1);

    private readonly SharedStructReader<MachineCounters> _shared = observer.Shared;
    private CpuTimes[] _before = [];

    public static void Run(Observer observer, CancellationToken cancellationToken)
    {
        Screen screen = new(observer);
        if (Console.IsOutputRedirected)
            screen.Repeat(s_line, () => Console.WriteLine(screen.Line()), cancellationToken);
        else
            AnsiConsole.Live(screen.Table())
                .Start(live => screen.Repeat(s_frame, () => live.UpdateTarget(screen.Table()), cancellationToken));
    }

    private void Repeat(TimeSpan period, Action draw, CancellationToken cancellationToken)
    {
        long drawn = Stopwatch.GetTimestamp();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                observer.Wait(period, cancellationToken);
                if (Stopwatch.GetElapsedTime(drawn) < period)
                    continue;
                draw();
                drawn = Stopwatch.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over, or Ctrl+C.
        }
    }

    private string Line()
    {
        MachineCounters.ReadOnlySharedView view = _shared.View;
        CpuTimes all = _shared.Value.AllCores;
        double busy = Busy(all, _before is [CpuTimes before] ? before : default);
        _before = [all];
        return string.Create(CultureInfo.InvariantCulture, $"{_shared.State}: sample {view.Samples.Read()}, {view.CoreCount} cores "
            + $"{busy:P0} busy, load {view.Load.OneMinute:F2}, {view.Memory.Available / 1024} of {view.Memory.Total / 1024} MiB available");
    }

    private Table Table()
    {
        MachineCounters counters = _shared.Read();
        int count = Math.Clamp(counters.CoreCount, 0, 256);
        CpuTimes[] now = ((ReadOnlySpan<CpuTimes>)counters.Cores)[..count].ToArray();
        CpuTimes[] before = _before.Length == count ? _before : new CpuTimes[count];
        _before = now;

        Table table = new Table()
            .Border(TableBorder.Rounded)
            .Title(string.Create(CultureInfo.InvariantCulture, $"{Markup.Escape(counters.Host.ToString())}: load "
                + $"{counters.Load.OneMinute:F2} {counters.Load.FiveMinutes:F2} {counters.Load.FifteenMinutes:F2}, "
                + $"{counters.Load.Runnable} of {counters.Load.Threads} threads runnable"))
            .Caption(string.Create(CultureInfo.InvariantCulture, $"{_shared.State}: sample {counters.Samples}, "
                + $"{observer.SeenPerSecond:F0} a second seen, {observer.MedianAge.TotalMicroseconds:F0} µs old"))
            .AddColumns("core", "busy", "");
        for (int i = 0; i < count; i++)
        {
            double busy = Busy(now[i], before[i]);
            table.AddRow(new Text(i.ToString(CultureInfo.InvariantCulture)), new Text(busy.ToString("P0", CultureInfo.InvariantCulture)),
                Bar(busy));
        }

        double used = 1 - ((double)counters.Memory.Available / Math.Max(1, counters.Memory.Total));
        table.AddRow(new Text("memory"), new Text(used.ToString("P0", CultureInfo.InvariantCulture)), Bar(used));
        return table;
    }

    private static Text Bar(double share) =>
        new Text(new string('█', (int)Math.Round(40 * Math.Clamp(share, 0, 1))).PadRight(40, '·'),
            new Style(share > 0.8 ? Color.Red : Color.Green));

    private static double Busy(CpuTimes now, CpuTimes before)
    {
        long busy = Active(now) - Active(before);
        long all = busy + now.Idle - before.Idle + now.IoWait - before.IoWait;
        return all > 0 ? (double)busy / all : 0;
    }

    private static long Active(CpuTimes times) =>
        times.User + times.Nice + times.System + times.Irq + times.SoftIrq + times.Steal;
}
