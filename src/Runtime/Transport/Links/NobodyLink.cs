using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The link of an end that has no peer yet: nobody answers, and it ends when it is disposed.</summary>
/// <param name="role">The role of this end.</param>
internal sealed class NobodyLink(PeerRole role)
    : Link(ControlWords.Create("nobody"), ControlWords.Create("nobody"), PeerIdentity.OfThisProcess(), role, default)
{
    public override bool HasHungUp => false;

    public override bool Send(LinkMessage message, ulong argument = 0) => false;

    protected override void Listen()
    {
    }

    protected override void HangUp()
    {
    }
}
