using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>
/// One end of a link within a process, without a socket: messages are calls, on the thread on which those of a socket would come.
/// </summary>
internal sealed class PairLink : Link
{
    private readonly SocketPoller _poller = SocketPoller.Hold();
    private PairLink? _other;

    private PairLink(ControlWords own, ControlWords peer, PeerRole role, LinkAbilities abilities)
        : base(own, peer, PeerIdentity.OfThisProcess(), role, abilities)
    {
    }

    public override bool HasHungUp => HasEnded || (_other?.HasEnded ?? true);

    /// <summary>Makes both ends, with the same memory that two processes would have: each maps the other's words for reading.</summary>
    public static (PairLink Owner, PairLink Client) Create(
        string channel, PeerRole role, WaitAbilities ownerAbilities, WaitAbilities clientAbilities)
    {
        ControlWords owner = ControlWords.Create(channel);
        ControlWords client = ControlWords.Create(channel);
        PairLink one = new(owner, Map(client), role, new LinkAbilities(ownerAbilities, clientAbilities));
        PairLink other = new(client, Map(owner), role, new LinkAbilities(clientAbilities, ownerAbilities)) { _other = one };
        one._other = other;
        return (one, other);

        static ControlWords Map(ControlWords words) =>
            ControlWords.Attach(words.Region.DescriptorForPeer(writable: false), words.Region.Size);
    }

    public override bool Send(LinkMessage message, ulong argument = 0)
    {
        // Neither end runs the other's code under its locks.
        if (HasEnded || _other is not { HasEnded: false } other)
            return false;
        return _poller.Post(() => other.OnReceived(message, argument));
    }

    protected override void Listen()
    {
    }

    protected override void HangUp()
    {
        if (_other is { HasEnded: false } other)
            _poller.Post(other.End);
        _poller.Release();
    }
}
