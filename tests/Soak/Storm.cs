using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TypedShm.Soak;

/// <summary>
/// Stops the processes of a run at random for up to a millisecond, and lets signals rain on them, which interrupt system calls.
/// </summary>
internal sealed partial class Storm : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;
    private const int SigChild = 17;

    private readonly Thread _thread;
    private volatile bool _over;

    public Storm(int seed, Process[] victims)
    {
        _thread = new Thread(() => Rage(new Random(seed), victims)) { IsBackground = true };
        _thread.Start();
    }

    public long Stops { get; private set; }

    public long Signals { get; private set; }

    public void Dispose()
    {
        _over = true;
        _thread.Join();
    }

    private void Rage(Random random, Process[] victims)
    {
        while (!_over)
        {
            Process victim = victims[random.Next(victims.Length)];
            int burst = random.Next(64);
            for (int i = 0; i < burst && Send(victim, SigChild); i++)
                Signals++;
            if (Send(victim, SigStop))
            {
                Stops++;
                long until = Stopwatch.GetTimestamp() + (long)(random.NextDouble() * Stopwatch.Frequency / 1000);
                while (Stopwatch.GetTimestamp() < until)
                    Thread.SpinWait(10);
                Send(victim, SigContinue);
            }

            Thread.Sleep(random.Next(3));
        }
    }

    // A child that has not been waited for keeps its number, and Process waits for it only while its exit is asked for here.
    private static bool Send(Process victim, int signal) => !victim.HasExited && kill(victim.Id, signal) == 0;

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
