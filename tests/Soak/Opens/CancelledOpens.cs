using System.Diagnostics;
using System.Globalization;
using TypedShm.TestKit;

namespace TypedShm.Soak.Opens;

/// <summary>
/// Opens a channel of another process again and again, and cancels at any moment of it. After that nobody is left behind, nothing is held
/// that was not held before, in either process, no thread polls in vain, and the next client is as welcome as the first.
/// </summary>
internal sealed class CancelledOpens(int count, TextWriter output)
{
    private const int Workers = 2;
    private const int WarmUp = 50;

    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(5);

    private int _opened;
    private int _cancelled;

    public async Task Run(Kind kind)
    {
        string name = NamesDirectory.NewName("opens");
        Subject subject = Subject.Of(kind);
        using Peer owner = Peer.Start(typeof(CancelledOpens).Assembly.Location, ["own", $"{kind}", name]);
        await Open(subject, name, WarmUp, null).ConfigureAwait(false);

        // On a busy machine more often than not an open takes longer than that.
        long begun = Stopwatch.GetTimestamp();
        await Open(subject, name, WarmUp, null).ConfigureAwait(false);
        TimeSpan usual = Stopwatch.GetElapsedTime(begun) * Workers / WarmUp;
        TimeSpan longest = TimeSpan.FromTicks(Math.Clamp(usual.Ticks * 4, s_longest.Ticks, s_longest.Ticks * 10));
        owner.Ask("how are you");
        ResourceCount before = ResourceCount.Now();

        _opened = _cancelled = 0;
        begun = Stopwatch.GetTimestamp();
        await Open(subject, name, count, longest).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (_opened == 0 || _cancelled == 0)
        {
            throw new InvalidOperationException(
                $"{_opened} were opened, {_cancelled} cancelled after at most {longest.TotalMilliseconds:F1} ms: none half-way.");
        }


        using (IDisposable client = await subject.Open(name, CancellationToken.None).ConfigureAwait(false))
            await Until.Soon(subject.Use(client)).ConfigureAwait(false);
        string rest = owner.Ask("how are you");
        await before.Returns("the opens").ConfigureAwait(false);
        TimeSpan used = await Until.Idle().ConfigureAwait(false);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind,-9} {_opened} opened, {_cancelled} cancelled after at most {longest.TotalMilliseconds:F1} ms, " +
            $"in {seconds:F0} s\n" +
            $"          owner: {rest}\n" +
            $"          clients: {before.Descriptors} descriptors, {before.Mappings} mappings, " +
            $"{used.TotalMilliseconds:F0} ms of an idle second"));
    }

    private Task Open(Subject subject, string name, int most, TimeSpan? longest)
    {
        return Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Factory.StartNew(
            () => Work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        // Earlier more often than later: most opens are over soon.
        void Work(int worker)
        {
            Random random = new(worker);
            for (int i = worker; i < most; i += Workers)
                OpenOnce(subject, name, longest * Math.Pow(random.NextDouble(), 2) ?? Until.Patience);
        }
    }

    // Cancels by a clock that is finer than a timer.
    private void OpenOnce(Subject subject, string name, TimeSpan when)
    {
        using CancellationTokenSource cancel = new();
        long begun = Stopwatch.GetTimestamp();
        Task<IDisposable> opening = subject.Open(name, cancel.Token);
        TimeSpan sleep = when - TimeSpan.FromMilliseconds(2);
        if (sleep > TimeSpan.Zero)
            Task.WaitAny([opening], sleep);
        while (!opening.IsCompleted && Stopwatch.GetElapsedTime(begun) < when)
            Thread.Yield();
        cancel.Cancel();
        try
        {
            opening.GetAwaiter().GetResult().Dispose();
            Interlocked.Increment(ref _opened);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
        }
    }
}
