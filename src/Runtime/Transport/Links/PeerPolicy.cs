using TypedShm.Interop;

namespace TypedShm;

/// <summary>
/// Decides which processes a channel talks to, from what the kernel says of them, before a byte is sent or received. User and group ids
/// hold across containers, as long as they share a user namespace; a process id is 0 there, see <see cref="PeerIdentity.ProcessId"/>.
/// Immutable and thread-safe. The default is <see cref="SameUser"/>.
/// </summary>
public sealed class PeerPolicy
{
    private const uint NobodyMapped = 65534;

    private readonly Func<PeerIdentity, bool> _allows;
    private readonly string _description;

    private PeerPolicy(string description, Func<PeerIdentity, bool> allows)
    {
        _description = description;
        _allows = allows;
    }

    /// <summary>Processes whose effective user is that of this process.</summary>
    public static PeerPolicy SameUser { get; } = new($"user {Native.UserId}", peer => peer.UserId == Native.UserId);

    /// <summary>Processes of any of these users.</summary>
    public static PeerPolicy Users(params uint[] userIds)
    {
        ArgumentNullException.ThrowIfNull(userIds);
        uint[] copy = [.. userIds];
        return new PeerPolicy($"users {string.Join(", ", copy)}", peer => copy.Contains(peer.UserId));
    }

    /// <summary>Processes that are in any of these groups.</summary>
    public static PeerPolicy Groups(params uint[] groupIds)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        uint[] copy = [.. groupIds];
        return new PeerPolicy($"groups {string.Join(", ", copy)}", peer => copy.Contains(peer.GroupId)
            || peer.Groups.Any(group => copy.Contains(group)));
    }

    /// <summary>Processes for which a function returns <see langword="true"/>. It is called on several threads at once.</summary>
    /// <param name="description">What is allowed, for messages: "expected …".</param>
    /// <param name="predicate">The function. If it throws, the peer is refused.</param>
    public static PeerPolicy Where(string description, Func<PeerIdentity, bool> predicate)
    {
        ArgumentException.ThrowIfNullOrEmpty(description);
        ArgumentNullException.ThrowIfNull(predicate);
        return new PeerPolicy(description, predicate);
    }

    /// <inheritdoc/>
    public override string ToString() => _description;

    /// <summary>
    /// A user that has no id in this process's user namespace is shown as 65534, as every other such user is, and matches nothing. A
    /// process without an id in this PID namespace has a user and groups all the same, and those decide.
    /// </summary>
    internal bool Allows(PeerIdentity peer) => peer.UserId != NobodyMapped && _allows(peer);

    /// <summary>Who may connect to the socket at all: other users need the permission bits, the policy then decides.</summary>
    internal UnixFileMode SocketMode => ReferenceEquals(this, SameUser)
        ? UnixFileMode.UserRead | UnixFileMode.UserWrite
        : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite;
}
