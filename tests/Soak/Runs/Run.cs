namespace TypedShm.Soak.Runs;

/// <summary>The two sides of a run, each in a process of its own.</summary>
internal abstract class Run
{
    public static Run Of(Channel channel) => channel switch
    {
        Channel.Queue => new QueueRun(),
        Channel.Lossless or Channel.Lossy => new BroadcastRun(),
        Channel.State => new StateRun(),
        Channel.Table => new TableRun(),
        Channel.Call => new CallRun(),
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };

    public abstract Task Write(Plan plan, Tally tally, Meeting meeting);

    public abstract Task Read(Plan plan, Tally tally, Meeting meeting);

    /// <inheritdoc cref="Counted(Tally, ValueTask)"/>
    protected static ValueTask<T> Counted<T>(Tally tally, ValueTask<T> wait)
    {
        tally.Waits++;
        if (!wait.IsCompleted)
            tally.Suspensions++;
        return wait;
    }

    /// <summary>Counts a wait, and whether it is a real one.</summary>
    protected static ValueTask Counted(Tally tally, ValueTask wait)
    {
        tally.Waits++;
        if (!wait.IsCompleted)
            tally.Suspensions++;
        return wait;
    }

    /// <summary>
    /// Where the writer never waits, its reader has time to go to sleep, or on a busy machine to be there at all, only if it is given
    /// some.
    /// </summary>
    protected static void GiveTime(Plan plan, long position)
    {
        if (plan.Sleeps)
            Thread.SpinWait((int)(Hash(position) % 600));
        else if (position % Math.Max(1, plan.Messages / 100) == 0)
            Thread.Sleep(1);
    }

    /// <summary>Where tasks wait for each other, lets the reader's go to rest before there is something for it again.</summary>
    protected static void LetRest(Plan plan)
    {
        if (plan.IsAsync)
            Thread.SpinWait(800);
    }

    /// <summary>Whether to be slow now, so that the writer overtakes: at first, in case that it is soon done, and now and then.</summary>
    protected static bool IsSlow(long count) => count < 8 || Hash(count) % 256 == 0;

    /// <summary>As long as the writer needs for all the messages that it keeps.</summary>
    protected static void BeSlow(Plan plan) => Thread.SpinWait(plan.Sleeps ? 100_000 : 2_000);

    /// <summary>How often to look whether the writer has overtaken, before it is supposed to be done.</summary>
    protected const int Patience = 10_000;

    /// <summary>Time between two looks.</summary>
    protected static void Dawdle() => Thread.SpinWait(100);

    private static ulong Hash(long number)
    {
        ulong word = ((ulong)number + 1) * 0x9E3779B97F4A7C15;
        return (word ^ (word >> 32)) * 0xD6E8FEB86659FD93 >> 32;
    }
}
