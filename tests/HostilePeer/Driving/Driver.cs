using System.Diagnostics;
using TypedShm.HostilePeer.Attacks;
using TypedShm.HostilePeer.Targets;

namespace TypedShm.HostilePeer.Driving;

/// <summary>
/// One run: half of the inputs go to processes that use what the newest kernels have against unwanted descriptors, the other half to some
/// that do without, as on older ones. After each batch it looks whether all is as before.
/// </summary>
internal sealed class Driver(long from, int seed, string[] only, TextWriter output)
{
    public const string WithPassRights = "new";
    public const string WithoutPassRights = "old";

    private const int MostInBatch = 2500;
    private const double LeastPastHello = 0.2;

    private readonly Tally _tally = new();
    private readonly Dictionary<string, long> _met = [];
    private string _honest = "";
    private int _crashes;
    private int _hangs;
    private int _leaks;
    private long _done;

    /// <returns>The exit code.</returns>
    public async Task<int> Run(long inputs, string[] kernels)
    {
        if (!Scene.CanBecomeAnother)
            output.WriteLine("skipped: attacks by another user, which only root can start");
        string? fault = null;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < kernels.Length && fault is null && _done < inputs; i++)
        {
            int rounds = kernels.Length - i;
            fault = await Round(kernels[i], from + _done, (inputs - _done + rounds - 1) / rounds).ConfigureAwait(false);
        }

        Report.Write(output, _tally, _met);
        output.WriteLine($"honest peer, last seen: {_honest}");
        if (fault is not null)
            output.WriteLine(fault);
        if (_tally.Violations.Count > 0)
            output.WriteLine($"{_tally.Violations.Count} against the rules:");
        foreach (string violation in _tally.Violations.Take(20))
            output.WriteLine($"  {violation}");
        double share = Report.PastHello(_tally);
        output.WriteLine($"past Hello {share:P0} in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s");
        bool tooFew = only.Length == 0 && share < LeastPastHello;
        if (tooFew)
            output.WriteLine($"at least {LeastPastHello:P0} have to get past Hello");
        output.WriteLine($"inputs {_done} crashes {_crashes} hangs {_hangs + _tally.Hangs} leaked {_leaks}");
        return fault is null && _tally.Violations.Count == 0 && !tooFew ? 0 : 1;
    }

    // What went wrong; null for nothing.
    private async Task<string?> Round(string rights, long first, long count)
    {
        using Scene scene = new(rights, seed, only);
        try
        {
            await scene.Begin().ConfigureAwait(false);
            for (long at = 0; at < count;)
            {
                long begun = Stopwatch.GetTimestamp();
                long batch = Math.Min(count - at, MostInBatch * scene.Attackers);
                _tally.Add(await scene.Attack(first + at, batch).ConfigureAwait(false));
                at += batch;
                _done = _tally.Inputs.Values.Sum();
                double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                _honest = await scene.Check().ConfigureAwait(false);
                double check = Stopwatch.GetElapsedTime(begun).TotalSeconds - seconds;
                string past = $"past Hello {Report.PastHello(_tally):P0}";
                output.WriteLine($"{_done,9:N0} inputs ({rights} kernel), {past}, this batch {seconds:0.0} s, its check {check:0.0} s");
                if (_tally.Violations.Count > 0)
                    return $"Stopped: the other side has done what it must not. Again: {Again(rights)} --from NUMBER --inputs 1";
            }

            foreach ((string what, long times) in await scene.Met().ConfigureAwait(false))
                _met[what] = _met.GetValueOrDefault(what) + times;
            return null;
        }
        catch (Exception error)
        {
            switch (error)
            {
                case TimeoutException: _hangs++; break;
                case LeakException: _leaks++; break;
                default: _crashes++; break;
            }

            string message = error.Message.Replace("\\n", "\n", StringComparison.Ordinal);
            return $"{error.GetType().Name}: {message}\n{scene.LastInputs()}\nAgain: {Again(rights)} --from NUMBER --inputs 1";
        }
    }

    private string Again(string rights) => $"--seed {seed} --kernel {rights}";
}

/// <summary>Something is held that was not before the attacks.</summary>
internal sealed class LeakException(string message) : Exception(message);

/// <summary>A process has ended that must not.</summary>
internal sealed class CrashException(string message) : Exception(message);
