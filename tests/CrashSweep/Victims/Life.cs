using System.Diagnostics;

namespace TypedShm.CrashSweep.Victims;

/// <summary>What a victim knows while it lives.</summary>
internal sealed class Life(string name, Journal journal, Fault fault)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>The endpoint.</summary>
    public string Name => name;

    public Journal Journal => journal;

    /// <summary>How a victim opens what its survivor has created.</summary>
    public static OpenOptions Open => new() { Wait = WaitMode.Park, Timeout = s_patience };

    public bool Is(Fault which) => fault == which;

    /// <summary>Everything below this number is tried from now on.</summary>
    public void Begin(long number) => journal.Begun = number;

    /// <summary>Everything below this number is done.</summary>
    public void Done(long number) => journal.Done = number;

    /// <summary>What was read is whole, and in its turn.</summary>
    public void Check(in Mark mark, long expected)
    {
        if (!mark.IsWhole)
            journal.Torn++;
        else if (mark.Number < expected)
            journal.Doubled++;
        else if (mark.Number > expected)
            journal.Lost += mark.Number - expected;
    }

    /// <summary>Waits until so many peers are there, and the survivor knows it.</summary>
    public void AwaitPeers(SharedEnd end, int count = 1)
    {
        long begun = Stopwatch.GetTimestamp();
        while (end.Peers.Count < count || !journal.IsAttended)
        {
            if (Stopwatch.GetElapsedTime(begun) > s_patience)
                throw new TimeoutException($"Only {end.Peers.Count} of {count} peers came to '{end.Name}'.");
            Thread.Sleep(1);
        }
    }

    /// <summary>Now and then the other side has the time to fall asleep.</summary>
    public static void Pause(long number)
    {
        if (number % 6 == 5)
            Thread.Sleep(1);
    }
}
