using TypedShm.TestKit;

namespace TypedShm.Soak.Opens;

/// <summary>The process that owns the channel. It is at work until its input ends, but for a rest whenever it is asked how it is.</summary>
internal static class Owner
{
    public static async Task Run(string kind, string name)
    {
        Subject subject = Subject.Of(Enum.Parse<Kind>(kind));
        using IDisposable owner = subject.Create(name);
        using Work work = new(subject, owner);
        ResourceCount? before = null;
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null)
        {
            try
            {
                string answer = await Rest(subject, owner, work, before).ConfigureAwait(false);
                before ??= ResourceCount.Now();
                await Say($"= {answer}").ConfigureAwait(false);
            }
            catch (Exception error)
            {
                await Say($"! {error.GetType().Name}: {error.Message}").ConfigureAwait(false);
            }
        }
    }

    // Everybody has left; what they cost is given back; and nothing turns on the spot.
    private static async Task<string> Rest(Subject subject, IDisposable owner, Work work, ResourceCount? before)
    {
        await Until.Holds(() => subject.Peers(owner) == 0, "all clients have left").ConfigureAwait(false);
        work.Pause(subject.Writes);
        TimeSpan used = await Until.Idle().ConfigureAwait(false);
        if (before is not null)
            await before.Returns("the clients").ConfigureAwait(false);
        ResourceCount now = ResourceCount.Now();
        work.Pause(false);
        return $"{subject.Peers(owner)} peers, {now.Descriptors} descriptors, {now.Mappings} mappings, " +
            $"{used.TotalMilliseconds:F0} ms of an idle second";
    }

    private static async Task Say(string answer)
    {
        await Console.Out.WriteLineAsync(answer.ReplaceLineEndings("\\n")).ConfigureAwait(false);
        await Console.Out.FlushAsync().ConfigureAwait(false);
    }

    private sealed class Work : IDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly Thread _thread;
        private volatile bool _rests;

        public Work(Subject subject, IDisposable owner)
        {
            _thread = new Thread(() => Go(subject, owner)) { IsBackground = true };
            _thread.Start();
        }

        public void Pause(bool rests) => _rests = rests;

        public void Dispose()
        {
            _over.Cancel();
            _thread.Join();
            _over.Dispose();
        }

        private void Go(Subject subject, IDisposable owner)
        {
            try
            {
                for (long number = 1; !_over.IsCancellationRequested; number++)
                {
                    if (!_rests)
                        subject.Work(owner, number, _over.Token);
                    if (number % 8 == 0)
                        Thread.Sleep(_rests ? 20 : 1);
                }
            }
            catch (OperationCanceledException)
            {
                // That was all.
            }
        }
    }
}
