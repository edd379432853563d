using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using TypedShm.Tool.Sampling;
using TypedShm.Tool.Verbs;

namespace TypedShm.Tool.Web;

/// <summary>The events of one page: the list of channels, and of the channel that it shows each look.</summary>
/// <param name="events">Where they go.</param>
/// <param name="overview">The list.</param>
/// <param name="name">The channel that the page shows; null if it shows the list alone.</param>
/// <param name="element">The element of a table.</param>
internal sealed class PageEvents(EventWriter events, Overview overview, string? name, int element) : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    // Of one clock that does not jump, so that plots do not either.
    private readonly double _started = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
    private readonly long _ticks = Stopwatch.GetTimestamp();
    private WatchedChannel? _watched;
    private bool _hasFields;
    private string? _problem;
    private long _tried;

    /// <summary>Sends events until the page is closed.</summary>
    public async Task Send(CancellationToken cancellationToken)
    {
        using IDisposable visit = overview.Join();
        using PeriodicTimer timer = new(s_between);
        byte[]? sent = null;
        do
        {
            if (overview.Latest is { } latest && latest != sent)
            {
                events.Write("channels", latest);
                sent = latest;
            }

            if (name is not null && (_watched is { Inspector.IsConnected: true } || TryOpen()))
                Look(_watched!);
            await events.Flush(cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => _watched?.Inspector.Dispose();

    // One that is not there yet, or no longer, may come.
    private bool TryOpen()
    {
        if (_tried != 0 && Stopwatch.GetElapsedTime(_tried) < s_again)
            return false;
        _tried = Stopwatch.GetTimestamp();
        if (!TryConnect(out SharedInspector? inspector, out string problem))
        {
            Tell(problem);
            return false;
        }

        if (element >= inspector.Count)
        {
            Tell($"It has the elements 0 to {inspector.Count - 1}.");
            inspector.Dispose();
            return false;
        }

        _watched?.Inspector.Dispose();
        _watched = new WatchedChannel(inspector, element);
        _hasFields = false;
        _problem = null;
        events.Write("channel", writer => ChannelJson.WriteChannel(writer, inspector));
        return true;
    }

    private bool TryConnect([NotNullWhen(true)] out SharedInspector? inspector, out string problem)
    {
        inspector = null;
        problem = _watched is null ? "There is no such channel now." : "Its creator is gone; these are the last values.";
        try
        {
            return SharedInspector.TryOpen(name!, out inspector, Arguments.Options());
        }
        catch (Exception error) when (error is SharedMemoryException or ArgumentException or TimeoutException)
        {
            problem = Show.Safe(error.Message);
            return false;
        }
    }

    private void Tell(string problem)
    {
        if (problem == _problem)
            return;
        _problem = problem;
        events.Write("problem", writer => writer.WriteString("message", problem));
    }

    private void Look(WatchedChannel watched)
    {
        double time = _started + Stopwatch.GetElapsedTime(_ticks).TotalSeconds;
        watched.Look();
        if (!_hasFields && watched.Value is not null)
        {
            _hasFields = true;
            events.Write("fields", writer => ChannelJson.WriteFields(writer, watched));
        }

        events.Write("sample", writer => ChannelJson.WriteSample(writer, watched, time));
    }
}
