using System.Diagnostics;
using TypedShm.HostilePeer.Attacks;
using TypedShm.HostilePeer.Targets;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Driving;

/// <summary>
/// One run: half of the inputs go to processes that use what the newest kernels have against unwanted descriptors, the other half, at the
/// same time, to some that do without, as on older ones. After each batch it looks whether all is as before.
/// </summary>
internal sealed class Driver(long from, int seed, string[] only, TextWriter output)
{
    public const string WithPassRights = "new";
    public const string WithoutPassRights = "old";

    private const int MostInBatch = 2500;
    private const double LeastPastHello = 0.2;

    // Of all rounds, under the gate.
    private readonly Lock _gate = new();
    private readonly Tally _tally = new();
    private readonly Dictionary<string, long> _met = [];
    private readonly List<string> _faults = [];
    private readonly List<string> _honest = [];
    private int _crashes;
    private int _hangs;
    private int _leaks;
    private long _done;

    /// <returns>The exit code.</returns>
    public async Task<int> Run(long inputs, string[] kernels)
    {
        if (!Scene.CanBecomeAnother)
            output.WriteLine("skipped: attacks by another user, which only root can start");
        using (MuteFileSystem? files = MuteFileSystem.TryMount(out string whyNot))
        {
            if (files is null)
                output.WriteLine($"skipped: files that never answer; {whyNot}");
        }

        long begun = Stopwatch.GetTimestamp();
        List<Task> rounds = [];
        for (long i = 0, first = 0; i < kernels.Length && first < inputs; i++)
        {
            long count = (inputs - first + kernels.Length - i - 1) / (kernels.Length - i);
            rounds.Add(Round(kernels[i], from + first, count));
            first += count;
        }

        await Task.WhenAll(rounds).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        Report.Write(output, _tally, _met);
        _honest.ForEach(output.WriteLine);
        _faults.ForEach(output.WriteLine);
        if (_tally.Violations.Count > 0)
            output.WriteLine($"{_tally.Violations.Count} against the rules:");
        foreach (string violation in _tally.Violations.Take(20))
            output.WriteLine($"  {violation}");
        double share = Report.PastHello(_tally);
        output.WriteLine($"past Hello {share:P0} in {seconds:0} s, {_done / seconds:0} a second");
        bool tooFew = only.Length == 0 && share < LeastPastHello;
        if (tooFew)
            output.WriteLine($"at least {LeastPastHello:P0} have to get past Hello");
        output.WriteLine($"inputs {_done} crashes {_crashes} hangs {_hangs + _tally.Hangs} leaked {_leaks}");
        return _faults.Count == 0 && _tally.Violations.Count == 0 && !tooFew ? 0 : 1;
    }

    private async Task Round(string rights, long first, long count)
    {
        using Scene scene = new(rights, seed, only);
        string honest = "";
        try
        {
            await scene.Begin().ConfigureAwait(false);

            // What has gone wrong ends all rounds after their batches.
            for (long at = 0; at < count && !HasFailed;)
            {
                long begun = Stopwatch.GetTimestamp();
                long batch = Math.Min(count - at, MostInBatch * scene.Attackers);
                Tally tally = await scene.Attack(first + at, batch).ConfigureAwait(false);
                at += batch;
                double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                Add(tally);
                honest = await scene.Check().ConfigureAwait(false);
                double check = Stopwatch.GetElapsedTime(begun).TotalSeconds - seconds;
                Tell($"{at,9:N0} inputs ({rights} kernel), past Hello {Report.PastHello(tally):P0}, this batch {seconds:0.0} s, its check "
                    + $"{check:0.0} s");
                if (tally.Violations.Count > 0)
                    Fail($"Stopped: the other side has done what it must not. Again: {Again(rights)} --from NUMBER --inputs 1");
            }

            Add(await scene.Met().ConfigureAwait(false));
        }
        catch (Exception error)
        {
            string message = error.Message.Replace("\\n", "\n", StringComparison.Ordinal);
            Fail($"{error.GetType().Name}: {message}\n{scene.LastInputs()}\nAgain: {Again(rights)} --from NUMBER --inputs 1", error);
        }

        lock (_gate)
            _honest.Add($"honest peer ({rights} kernel), last seen: {honest}");
    }

    private bool HasFailed
    {
        get
        {
            lock (_gate)
                return _faults.Count > 0;
        }
    }

    private void Tell(string line)
    {
        lock (_gate)
            output.WriteLine(line);
    }

    private void Add(Tally tally)
    {
        lock (_gate)
        {
            _tally.Add(tally);
            _done = _tally.Inputs.Values.Sum();
        }
    }

    private void Add(Dictionary<string, long> met)
    {
        lock (_gate)
        {
            foreach ((string what, long times) in met)
                _met[what] = _met.GetValueOrDefault(what) + times;
        }
    }

    private void Fail(string what, Exception? error = null)
    {
        lock (_gate)
        {
            _faults.Add(what);
            switch (error)
            {
                case null: break;
                case TimeoutException: _hangs++; break;
                case LeakException: _leaks++; break;
                default: _crashes++; break;
            }
        }
    }

    private string Again(string rights) => $"--seed {seed} --kernel {rights}";
}

/// <summary>Something is held that was not before the attacks.</summary>
internal sealed class LeakException(string message) : Exception(message);

/// <summary>A process has ended that must not.</summary>
internal sealed class CrashException(string message) : Exception(message);
