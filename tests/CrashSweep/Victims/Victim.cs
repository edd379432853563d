using TypedShm.CrashSweep.Scenes;
using TypedShm.Interop;

namespace TypedShm.CrashSweep.Victims;

/// <summary>The process that is killed: does one side of a scene, once.</summary>
internal static class Victim
{
    private static readonly int[] s_counts = new int[Enum.GetValues<CrashStep>().Length];

    /// <summary>Says "ready", waits for an assignment, and obeys it.</summary>
    public static async Task Obey()
    {
        if (!CrashPoint.IsEnabled)
            throw new InvalidOperationException("The crash points are switched off, see CrashSweep.csproj.");
        WarmUp();
        Console.WriteLine("ready");
        if (await Console.In.ReadLineAsync().ConfigureAwait(false) is not { } line)
            return;

        // The driver's end of the pipe is closed when it ends.
        new Thread(() =>
        {
            Console.In.ReadLine();
            Environment.Exit(1);
        })
        { IsBackground = true }.Start();

        Assignment assignment = Assignment.Parse(line);
        using Journal journal = new(assignment.Journal);
        CrashPoint.Reached = step => Reach(step, assignment, journal);
        Scene.Named(assignment.Scene).Live(new Life(assignment.Name, journal, assignment.Fault));
        CrashPoint.Reached = null;
        Console.WriteLine(string.Join(' ', s_counts));
    }

    private static void Reach(CrashStep step, Assignment assignment, Journal journal)
    {
        int count = Interlocked.Increment(ref s_counts[(int)step]);
        if (assignment.Ending is Ending.None or Ending.AnyTime || step != assignment.Step || count != assignment.Occurrence)
            return;
        journal.IsHit = true;
        if (assignment.Ending == Ending.Stop)
        {
            Signals.StopSelf();
            return;
        }

        Signals.KillSelf();

        // The signal is on its way to this thread at the latest when the call returns.
        Thread.Sleep(Timeout.Infinite);
    }

    // What every process compiles, while the driver is busy with the victim before this one.
    private static void WarmUp()
    {
        (SharedQueueWriter<Mark> writer, SharedQueueReader<Mark> reader) = SharedQueue.CreatePair<Mark>();
        using (writer)
        using (reader)
        {
            writer.Write(Mark.Of(Mark.Original, 0));
            reader.Read();
        }
    }
}
