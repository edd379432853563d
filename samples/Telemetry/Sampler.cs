using System.Diagnostics;

namespace TypedShm.Samples.Telemetry;

/// <summary>Reads this machine's counters from /proc straight into a shared struct.</summary>
internal sealed class Sampler(SharedStructWriter<MachineCounters> shared) : IDisposable
{
    private readonly ProcFile _stat = new("/proc/stat");
    private readonly ProcFile _memory = new("/proc/meminfo");
    private readonly ProcFile _load = new("/proc/loadavg");

    public void Sample()
    {
        MachineCounters.SharedView view = shared.View;
        ReadLoad(view.Load);
        ReadMemory(view.Memory);
        ReadCores(view);
        view.TakenAt.Write(Stopwatch.GetTimestamp());
        view.Samples.Write(view.Samples.Read() + 1);
        shared.Signal();
    }

    public void Dispose()
    {
        _stat.Dispose();
        _memory.Dispose();
        _load.Dispose();
    }

    // 0.42 0.37 0.30 2/345 6789
    private void ReadLoad(LoadAverage.SharedView load)
    {
        ProcText text = new(_load.Read());
        load.OneMinute = text.Double();
        load.FiveMinutes = text.Double();
        load.FifteenMinutes = text.Double();
        ReadOnlySpan<byte> tasks = text.Word();
        int slash = tasks.IndexOf((byte)'/');
        load.Runnable = (int)new ProcText(tasks[..slash]).Long();
        load.Threads = (int)new ProcText(tasks[(slash + 1)..]).Long();
    }

    // MemTotal:       16384000 kB
    private void ReadMemory(MemoryUse.SharedView memory)
    {
        ProcText text = new(_memory.Read());
        while (!text.IsEmpty)
        {
            ProcText line = text.Line();
            ReadOnlySpan<byte> name = line.Word();
            if (name.SequenceEqual("MemTotal:"u8))
                memory.Total = line.Long();
            else if (name.SequenceEqual("MemFree:"u8))
                memory.Free = line.Long();
            else if (name.SequenceEqual("MemAvailable:"u8))
                memory.Available = line.Long();
            else if (name.SequenceEqual("Cached:"u8))
                memory.Cached = line.Long();
            else if (name.SequenceEqual("Shmem:"u8))
                memory.Shared = line.Long();
            else if (name.SequenceEqual("SwapTotal:"u8))
                memory.SwapTotal = line.Long();
            else if (name.SequenceEqual("SwapFree:"u8))
                memory.SwapFree = line.Long();
        }
    }

    // cpu  10132153 290696 3084719 46828483 16683 0 25195 0 0 0, then the same for cpu0, cpu1, …
    private void ReadCores(MachineCounters.SharedView view)
    {
        Span<CpuTimes> cores = view.Cores;
        int count = 0;
        ProcText text = new(_stat.Read());
        while (!text.IsEmpty)
        {
            ProcText line = text.Line();
            ReadOnlySpan<byte> name = line.Word();
            if (!name.StartsWith("cpu"u8))
                break;
            if (name.Length == 3)
                ReadTimes(ref shared.Value.AllCores, line);
            else if (count < cores.Length)
                ReadTimes(ref cores[count++], line);
        }

        view.CoreCount = count;
    }

    private static void ReadTimes(ref CpuTimes times, ProcText line)
    {
        times.User = line.Long();
        times.Nice = line.Long();
        times.System = line.Long();
        times.Idle = line.Long();
        times.IoWait = line.Long();
        times.Irq = line.Long();
        times.SoftIrq = line.Long();
        times.Steal = line.Long();
    }
}
