namespace TypedShm.CrashSweep.Driving;

/// <summary>What was wrong. Thread-safe.</summary>
internal sealed class Findings(TextWriter output)
{
    private const int MaxComplaints = 40;

    private readonly Lock _gate = new();
    private int _complaints;

    public long Lost { get; private set; }

    public long Doubled { get; private set; }

    public long Torn { get; private set; }

    public long Stuck { get; private set; }

    public long Leaked { get; private set; }

    public bool Any => Lost + Doubled + Torn + Stuck + Leaked > 0;

    public void AddLost(Trial trial, long count, string what) => Add(trial, () => Lost += count, what);

    public void AddDoubled(Trial trial, long count, string what) => Add(trial, () => Doubled += count, what);

    public void AddTorn(Trial trial, long count, string what) => Add(trial, () => Torn += count, what);

    public void AddStuck(Trial trial, string what) => Add(trial, () => Stuck++, what);

    public void AddLeaked(Trial trial, string what) => Add(trial, () => Leaked++, what);

    private void Add(Trial trial, Action count, string what)
    {
        lock (_gate)
        {
            count();
            if (++_complaints <= MaxComplaints)
                output.WriteLine($"  {trial}: {what}");
        }
    }
}
