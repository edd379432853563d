using TypedShm.CrashSweep.Scenes;
using TypedShm.CrashSweep.Victims;
using TypedShm.Interop;

namespace TypedShm.CrashSweep.Driving;

/// <summary>One victim, its end, and who is left: what the surviving side knows.</summary>
internal sealed class Trial : IDisposable
{
    private static readonly TimeSpan s_whoIsOnTheWay = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _late = new();
    private readonly CancellationTokenSource _neverCame;
    private readonly TaskCompletionSource<SharedEnd> _survivor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _besideIt = [];
    private readonly TimeSpan _patience;
    private readonly Lock _gate = new();
    private volatile bool _hasCome;
    private bool _isOver;

    public Trial(int number, Scene scene, Ending ending, CrashStep step, int occurrence, Journal journal, Findings findings,
        TimeSpan patience)
    {
        Number = number;
        Scene = scene;
        Ending = ending;
        Step = step;
        Occurrence = occurrence;
        Journal = journal;
        Findings = findings;
        _patience = patience;
        Name = $"crash-{number}";

        _neverCame = CancellationTokenSource.CreateLinkedTokenSource(_late.Token);

        // Beside a victim that never comes.
        _late.CancelAfter(TimeSpan.FromMinutes(2));
    }

    public int Number { get; }

    public Scene Scene { get; }

    public Ending Ending { get; }

    public CrashStep Step { get; }

    public int Occurrence { get; }

    /// <summary>The endpoint.</summary>
    public string Name { get; }

    public Journal Journal { get; }

    public Findings Findings { get; }

    /// <summary>Cancelled when the victim has been gone for so long that everybody should have noticed and be done.</summary>
    public CancellationToken Late => _late.Token;

    /// <summary>Set when the victim's process has ended.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Every other trial waits without threads.</summary>
    public bool IsAsync => Number % 2 == 1;

    /// <summary>A client of a victim, so that the victim begins to fence, in every third trial.</summary>
    public WaitFence Fence => Ending == Ending.None || Step == CrashStep.FenceWanted || Number % 3 == 0 ? WaitFence.Full : WaitFence.Auto;

    /// <summary>How the survivor opens what the victim creates, and waits for its successor.</summary>
    public OpenOptions Open =>
        new() { Wait = WaitMode.Park, Fence = Fence, Lazy = true, Reconnect = true, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>The survivor's end, once it is ready for the victim.</summary>
    public Task<SharedEnd> Survivor => _survivor.Task;

    /// <summary>The survivor is ready for the victim.</summary>
    public void Begin(SharedEnd end)
    {
        end.StateChanged += (_, change) => WhileItLasts(() => Journal.IsAttended |= change.State == ConnectionState.Connected);
        _survivor.SetResult(end);
    }

    /// <summary>The victim is gone.</summary>
    public void Gone()
    {
        IsGone = true;
        _late.CancelAfter(_patience);
        if (!_hasCome)
            _neverCame.CancelAfter(s_whoIsOnTheWay);
    }

    /// <summary>Nobody waits for anything any more.</summary>
    public void Over() => _late.Cancel();

    /// <summary>For a wait of a creator that only a peer can end: cancelled when the victim is gone and was never there.</summary>
    public CancellationToken NeverCame(SharedEnd end)
    {
        end.PeerJoined += (_, _) => WhileItLasts(() =>
        {
            _hasCome = true;
            _neverCame.CancelAfter(Timeout.InfiniteTimeSpan);
        });
        return _neverCame.Token;
    }

    /// <summary>Waits for something that follows from the victim's end.</summary>
    public void Await(Func<bool> condition, string what)
    {
        while (true)
        {
            bool holds = condition();

            // Asked afterwards: what comes to hold because the trial is late does not count.
            if (Late.IsCancellationRequested)
                throw new TimeoutException($"It did not happen: {what}.");
            if (holds)
                return;
            Thread.Sleep(1);
        }
    }

    /// <summary>What was begun by <see cref="Beside"/>.</summary>
    public IReadOnlyList<Task> BesideIt => _besideIt;

    /// <summary>Does something beside the survivor. If that fails, the trial is over.</summary>
    public Task Beside(Action action)
    {
        Task task = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception error)
                {
                    Findings.AddStuck(this, error is TimeoutException ? error.Message : error.ToString());
                    _late.Cancel();
                }
            },
            TaskCreationOptions.LongRunning);
        _besideIt.Add(task);
        return task;
    }

    /// <summary>Waits until an end that opened knows that the victim is gone, if it ever was connected to it.</summary>
    public void AwaitLoss(SharedEnd end) => Await(
        () => end.State is ConnectionState.Lost or ConnectionState.Closed
            || (!Journal.IsAttended && end.State != ConnectionState.Connected),
        "the survivor knows that its creator is gone");

    /// <summary>A wait that only the trial's end cancels.</summary>
    public T Wait<T>(Func<CancellationToken, T> onThread, Func<CancellationToken, ValueTask<T>> async) =>
        IsAsync ? async(Late).AsTask().GetAwaiter().GetResult() : onThread(Late);

    /// <summary>The victim has left so many messages that were read: all that it had committed, and no part of what it had not.</summary>
    public void CheckCommitted(long read)
    {
        (long done, long begun) = (Journal.Done, Journal.Begun);
        if (read < done)
            Findings.AddLost(this, done - read, $"{done} messages were committed, but {read} came.");
        else if (read > begun)
            Findings.AddDoubled(this, read - begun, $"{begun} messages were begun, but {read} came.");
        else if (read > done && read < begun)
            Findings.AddTorn(this, 1, $"of a batch of {begun - done}, {read - done} came.");
        if (Ending != Ending.Kill || !Journal.IsHit)
            return;
        if (Outcomes.IsUncommitted(Step) && read > done)
            Findings.AddTorn(this, 1, $"message {done} came, which was not committed.");
        else if (Outcomes.IsCommitted(Step) && read < begun)
            Findings.AddLost(this, begun - read, $"{begun} messages were committed, but {read} came.");
    }

    /// <summary>The victim has given so many messages back: none that it had not dealt with.</summary>
    public void CheckGivenBack(long given)
    {
        if (given > Journal.Begun)
            Findings.AddLost(this, given - Journal.Begun, $"{given} messages were given back, but only {Journal.Begun} were dealt with.");
    }

    /// <summary>One message, in its turn.</summary>
    /// <returns>The number of the next one.</returns>
    public long Check(in Mark mark, long expected)
    {
        if (!mark.IsWhole)
            Findings.AddTorn(this, 1, $"message {expected} is not whole.");
        else if (mark.Number < expected)
            Findings.AddDoubled(this, 1, $"message {mark.Number} came where {expected} was due.");
        else if (mark.Number > expected)
            Findings.AddLost(this, mark.Number - expected, $"message {mark.Number} came where {expected} was due.");
        return Math.Max(mark.Number, expected) + 1;
    }

    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        _neverCame.Dispose();
        _late.Dispose();
    }

    // Events come on threads of the pool, and may come late: the journal is the next trial's by then.
    private void WhileItLasts(Action action)
    {
        lock (_gate)
        {
            if (!_isOver)
                action();
        }
    }

    public override string ToString() => Ending switch
    {
        Ending.None => $"{Scene.Name}, not touched",
        Ending.AnyTime => $"trial {Number}, {Scene.Name}, killed at any time",
        _ => $"trial {Number}, {Scene.Name}, {(Ending == Ending.Kill ? "killed" : "stopped")} at {Step} ({Occurrence})",
    };
}
