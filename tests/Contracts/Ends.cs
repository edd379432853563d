using System.Collections.Concurrent;

namespace TypedShm.Contracts;

/// <summary>What the ends of all channels have alike, found by name.</summary>
internal static class Ends
{
    /// <summary>The processes that are connected.</summary>
    public static IReadOnlyList<SharedPeer> Peers(this IDisposable end) =>
        (IReadOnlyList<SharedPeer>)end.GetType().GetProperty("Peers")!.GetValue(end)!;

    /// <summary>Whether the other side is there, of an end that opened the channel.</summary>
    public static ConnectionState State(this IDisposable client) =>
        (ConnectionState)client.GetType().GetProperty("State")!.GetValue(client)!;

    public static void OnJoined(this IDisposable owner, EventHandler<PeerJoinedEventArgs> handler) =>
        owner.GetType().GetEvent("PeerJoined")!.AddEventHandler(owner, handler);

    public static void OnLeft(this IDisposable owner, EventHandler<PeerLeftEventArgs> handler) =>
        owner.GetType().GetEvent("PeerLeft")!.AddEventHandler(owner, handler);

    public static void OnRefused(this IDisposable owner, EventHandler<PeerRefusedEventArgs> handler) =>
        owner.GetType().GetEvent("PeerRefused")!.AddEventHandler(owner, handler);

    public static void OnStateChanged(this IDisposable client, EventHandler<ConnectionStateChangedEventArgs> handler) =>
        client.GetType().GetEvent("StateChanged")!.AddEventHandler(client, handler);
}

/// <summary>What the events of an end have told, in order.</summary>
internal sealed class EventLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Of the end that created the channel.</summary>
    public static EventLog OfOwner(IDisposable owner)
    {
        EventLog log = new();
        owner.OnJoined((sender, joined) => log.Add(ReferenceEquals(sender, owner), $"joined {joined.Peer.Identity.ProcessId}"));
        owner.OnLeft((sender, left) =>
            log.Add(ReferenceEquals(sender, owner), $"{(left.WasClosed ? "closed" : "lost")} {left.Peer.Identity.ProcessId}"));
        owner.OnRefused((sender, refused) => log.Add(ReferenceEquals(sender, owner), $"refused {refused.Reason.GetType().Name}"));
        return log;
    }

    /// <summary>Of an end that opened it.</summary>
    public static EventLog OfClient(IDisposable client)
    {
        EventLog log = new();
        client.OnStateChanged((sender, changed) =>
            log.Add(ReferenceEquals(sender, client), $"{changed.State} {changed.Error?.GetType().Name}".TrimEnd()));
        return log;
    }

    public string[] Lines => [.. _lines];

    /// <summary>How many lines begin so.</summary>
    public int Count(string beginning) => _lines.Count(line => line.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>How many have left, whichever way.</summary>
    public int Left => Count("closed") + Count("lost");

    private void Add(bool isFromSender, string line) => _lines.Enqueue(isFromSender ? line : $"a wrong sender: {line}");
}
