using System.Globalization;
using Microsoft.Win32.SafeHandles;
using TypedShm.CrashSweep.Victims;
using TypedShm.Interop;
using TypedShm.TestKit;

namespace TypedShm.CrashSweep.Driving;

/// <summary>Lets victims live and end, each beside its survivor. The next victim's process is always on its way.</summary>
internal sealed class Stage : IDisposable
{
    private static readonly TimeSpan s_longestLife = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_stopped = TimeSpan.FromMilliseconds(30);

    private readonly string _journal;
    private readonly Fault _fault;
    private readonly List<SafeFileHandle> _forgotten = [];
    private Peer _next;

    public Stage(string journal, Fault fault)
    {
        _journal = journal;
        _fault = fault;
        _next = Start();
    }

    public void Dispose()
    {
        _next.Dispose();
        _forgotten.ForEach(handle => handle.Dispose());
    }

    /// <summary>Lets a victim live.</summary>
    /// <returns>How often it has come by each point.</returns>
    public int[] Watch(Trial trial)
    {
        string? said = null;
        Play(trial, victim =>
        {
            said = victim.Read();
            victim.WaitForExit();
        });
        return said is null
            ? throw new InvalidOperationException($"{trial}: the victim ended without a word.")
            : [.. said.Split(' ').Select(count => int.Parse(count, CultureInfo.InvariantCulture))];
    }

    /// <summary>Ends a victim as it was planned.</summary>
    /// <returns>False if it ended by itself before.</returns>
    public bool End(Trial trial, Random random)
    {
        bool ended = true;
        Play(trial, victim =>
        {
            switch (trial.Ending)
            {
                case Ending.AnyTime:
                    Thread.Sleep(random.Next(150));
                    ended = !victim.HasEnded;
                    break;
                case Ending.Stop when AwaitPoint(trial, victim):
                    CheckAlive(trial, victim);
                    break;
                case Ending.Stop:
                    ended = false;
                    break;
                default:
                    ended = AwaitPoint(trial, victim);
                    break;
            }

            if (!victim.HasEnded && (trial.Ending != Ending.Kill || !ended))
                victim.Kill();
            else
                AwaitEnd(victim);
        });
        return ended;
    }

    private static void AwaitEnd(Peer victim) => Until.Holds(() => victim.HasEnded, "the victim has ended").GetAwaiter().GetResult();

    /// <returns>False if it ended by itself, or has not come there after a long time.</returns>
    private static bool AwaitPoint(Trial trial, Peer victim)
    {
        long until = Environment.TickCount64 + (long)s_longestLife.TotalMilliseconds;
        while (!trial.Journal.IsHit && !victim.HasEnded && Environment.TickCount64 < until)
            Thread.Sleep(1);
        return trial.Journal.IsHit;
    }

    // A process that is stopped is alive, for however long.
    private static void CheckAlive(Trial trial, Peer victim)
    {
        victim.Stop().GetAwaiter().GetResult();
        SharedEnd survivor = trial.Survivor.Result;
        int before = survivor.Peers.Count;
        Thread.Sleep(s_stopped);

        // A survivor that gives its end up, to create another one, has no peers either.
        if (survivor.Peers.Count < before && survivor.State != ConnectionState.Disposed)
            trial.Findings.AddStuck(trial, "a process that was stopped was taken for dead.");
    }

    private void Play(Trial trial, Action<Peer> end)
    {
        Fault fault = trial.Ending == Ending.None ? Fault.None : _fault;
        Seed(trial, fault);
        Task surviving = Task.Factory.StartNew(() => trial.Scene.Survive(trial), TaskCreationOptions.LongRunning);
        try
        {
            Task.WhenAny(surviving, trial.Survivor).GetAwaiter().GetResult();
            using Peer victim = _next;
            victim.Expect("ready");
            _next = Start();
            victim.Tell(new Assignment(trial.Scene.Name, trial.Name, _journal, trial.Ending, trial.Step, trial.Occurrence, fault)
                .ToString());
            end(victim);
            trial.Gone();
            if (victim.Errors.Trim() is { Length: > 0 } errors)
                trial.Findings.AddStuck(trial, $"the victim failed: {errors}");
            surviving.GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            trial.Findings.AddStuck(trial, error is TimeoutException ? error.Message : $"a wait did not end. {error.StackTrace}");
        }
        catch (Exception error)
        {
            trial.Findings.AddStuck(trial, error.ToString());
        }
        finally
        {
            CrashPoint.Reached = null;
            trial.Over();
            Task.WhenAny(surviving).GetAwaiter().GetResult();
            Task.WaitAll([.. trial.BesideIt]);
        }

        CheckJournal(trial);
    }

    // What the victim itself has found.
    private static void CheckJournal(Trial trial)
    {
        Journal journal = trial.Journal;
        if (journal.Torn > 0)
            trial.Findings.AddTorn(trial, journal.Torn, "the victim has read messages that were not whole.");
        if (journal.Doubled > 0)
            trial.Findings.AddDoubled(trial, journal.Doubled, "the victim has read messages twice.");
        if (journal.Lost > 0)
            trial.Findings.AddLost(trial, journal.Lost, "the victim has missed messages.");
    }

    // The two faults that are the survivor's.
    private void Seed(Trial trial, Fault fault)
    {
        if (fault == Fault.NoWakeOnEof)
        {
            CrashPoint.Reached = step =>
            {
                if (step == CrashStep.LinkOver)
                    trial.Late.WaitHandle.WaitOne();
            };
        }
        else if (fault == Fault.LeakedDescriptor)
        {
            CrashPoint.Reached = step =>
            {
                lock (_forgotten)
                {
                    if (step == CrashStep.LinkOver)
                        _forgotten.Add(File.OpenHandle("/dev/null"));
                }
            };
        }
    }

    private static Peer Start() => Peer.Start(typeof(Stage).Assembly.Location, ["victim"]);
}
