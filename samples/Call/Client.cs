using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using TypedShm;

namespace Types;

/// <summary>Asks what it could have found out by itself, and compares.</summary>
internal sealed class Client : IDisposable
{
    private const BindingFlags PublicMethods =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // It matches no name, and takes exponentially long to find that out.
    private const string Endless = @"^(\w+\.?)+!$";

    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(1);

    private readonly SharedCallClient<Question, Found> _lookUps;
    private readonly SharedCallClient<Question, Matches> _searches;
    private readonly (string Name, TypeEntry Entry)[] _types;

    public Client(string name)
    {
        _lookUps = SharedCall.Open<Question, Found>(name);
        _searches = SharedCall.Open<Question, Matches>($"{name}.search");

        // What reflection says about the types of this process.
        _types = [.. typeof(object).Assembly.GetExportedTypes().Where(type => !type.IsNested).Select(type =>
            (type.FullName!, TypeEntry.Of(type.Assembly.GetName().Name!, type.GetMethods(PublicMethods).Select(method => method.Name))))];
    }

    /// <summary>Asks in every way there is.</summary>
    /// <returns>Whether everything was as it should be.</returns>
    public async Task<bool> Run()
    {
        string who = $"client, process {Environment.ProcessId}:";
        (long calls, bool right) = LookUp(s_duration);
        Console.WriteLine($"{who} {calls / s_duration.TotalSeconds:N0} look-ups a second one after the other, "
            + $"{(right ? "each" : "NOT each")} answered as reflection does here");

        (long, bool)[] some = await Task.WhenAll(Enumerable.Range(0, _lookUps.Capacity).Select(first => LookUp(first, _lookUps.Capacity)));
        bool allRight = some.All(one => one.Item2);
        Console.WriteLine($"{who} {some.Sum(one => one.Item1) / s_duration.TotalSeconds:N0} a second with {_lookUps.Capacity} at a "
            + $"time, {(allRight ? "each" : "NOT each")} answered rightly");
        return right & allRight & await Finds(who) & await Fails(who) & await TimesOut(who) & await Cancels(who);
    }

    /// <summary>Asks until the process is killed.</summary>
    public void Pester()
    {
        Task<Matches> search = _searches.CallAsync(new() { Text = Endless }).AsTask();
        while (!search.IsCompleted)
            LookUp(s_duration);
    }

    public void Dispose()
    {
        _lookUps.Dispose();
        _searches.Dispose();
    }

    // Synchronous and in place: the question is written where the server reads it, the answer is read where the server has written it.
    private (long Calls, bool AreRight) LookUp(TimeSpan duration)
    {
        long calls = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; calls++)
        {
            (string name, TypeEntry entry) = _types[calls % _types.Length];
            using CallClaim<Question, Found> claim = _lookUps.Claim();
            claim.View.Text.Set(name);
            using CallReply<Question, Found> reply = claim.Call();
            if (reply.View.Assembly.ToString() != entry.Assembly || !reply.Payload.SequenceEqual(entry.List))
                return (calls, false);
        }

        return (calls, true);
    }

    // As a task, one of many on the same client.
    private async Task<(long Calls, bool AreRight)> LookUp(int first, int step)
    {
        long calls = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_duration; calls++)
        {
            (string name, TypeEntry entry) = _types[(first + (calls * step)) % _types.Length];
            Found found = await _lookUps.CallAsync(new() { Text = name });
            if (found.Assembly.ToString() != entry.Assembly || found.Methods != entry.Methods)
                return (calls, false);
        }

        return (calls, true);
    }

    private async Task<bool> Finds(string who)
    {
        const string Pattern = @"^System\.Threading\..*Slim$";
        Matches matches = await _searches.CallAsync(new() { Text = Pattern });
        Console.WriteLine($"{who} {matches.Count} types match {Pattern}");

        // There are more assemblies than the one that we have looked at ourselves.
        int least = _types.Count(type => Regex.IsMatch(type.Name, Pattern));
        return least > 0 && matches.Count >= least;
    }

    private async Task<bool> Fails(string who)
    {
        try
        {
            await _searches.CallAsync(new() { Text = "*Slim" });
            return false;
        }
        catch (RemoteCallException error)
        {
            Console.WriteLine($"{who} {error.Message}");
            return error.RemoteType == typeof(RegexParseException).FullName;
        }
    }

    private async Task<bool> TimesOut(string who)
    {
        if (await _searches.TryCallAsync(new() { Text = Endless }, TimeSpan.FromMilliseconds(100)) is not null)
            return false;
        Console.WriteLine($"{who} no answer within 100 ms, so the server was told to stop");
        return true;
    }

    private async Task<bool> Cancels(string who)
    {
        using CancellationTokenSource enough = new(TimeSpan.FromMilliseconds(100));
        try
        {
            await _searches.CallAsync(new() { Text = Endless }, enough.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"{who} another search was cancelled");
            return true;
        }
    }
}
