using System.Runtime.CompilerServices;

namespace TypedShm.Samples.Telemetry;

/// <summary>What the kernel counts on this machine, as of the last sample.</summary>
[SharedLayout]
public partial struct MachineCounters
{
    /// <summary>How many samples have been taken. Stored last, with release order: whoever reads it sees at least that sample.</summary>
    [Atomic] public long Samples;

    /// <summary>When the last one was taken: ticks of Stopwatch, which counts the same for all processes of a machine.</summary>
    [Atomic] public long TakenAt;

    public Text64 Host;
    public LoadAverage Load;
    public MemoryUse Memory;
    public CpuTimes AllCores;

    /// <summary>How many elements of <see cref="Cores"/> are in use.</summary>
    public int CoreCount;
    public Cores Cores;
}

/// <summary>/proc/loadavg.</summary>
[SharedLayout]
public partial struct LoadAverage
{
    public double OneMinute;
    public double FiveMinutes;
    public double FifteenMinutes;
    public int Runnable;
    public int Threads;
}

/// <summary>/proc/meminfo, in KiB.</summary>
[SharedLayout]
public partial struct MemoryUse
{
    public long Total;
    public long Free;
    public long Available;
    public long Cached;
    public long Shared;
    public long SwapTotal;
    public long SwapFree;
}

/// <summary>One line of /proc/stat: hundredths of a second since the machine started.</summary>
[SharedLayout]
public partial struct CpuTimes
{
    public long User;
    public long Nice;
    public long System;
    public long Idle;
    public long IoWait;
    public long Irq;
    public long SoftIrq;
    public long Steal;
}

/// <summary>The lines of the single cores.</summary>
[InlineArray(256)]
public struct Cores
{
    private CpuTimes _first;
}
