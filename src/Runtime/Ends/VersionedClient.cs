using System.Runtime.CompilerServices;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>The reader of a channel whose memory has a version that grows: a state or a table. Any number of threads.</summary>
internal abstract class VersionedClient<TMemory> : ChannelClient<TMemory>
    where TMemory : class, IVersionedMemory
{
    private CurrentMemory<TMemory> _memory;

    protected VersionedClient(Opened opened)
        : base(opened)
    {
        _memory.SwitchTo(Current.Memory);
        Root();
    }

    /// <summary>The memory in use; the last one, if disposed.</summary>
    public TMemory LastMemory => _memory.Last;

    /// <summary>The memory in use.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public TMemory Memory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _memory.Get(this);
    }

    /// <summary>Whether the memory is still the one in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsCurrent(TMemory memory) => _memory.IsCurrent(memory);

    /// <summary>Whether something was published since then, or there is something of another creator.</summary>
    public bool HasChanged(long epoch, long version)
    {
        while (true)
        {
            TMemory memory = Memory;
            bool changed = IsAnother(memory, epoch, version);

            // Zero pages have a version too.
            Volatile.ReadBarrier();
            if (IsCurrent(memory))
                return changed;
        }
    }

    public bool WaitForChange(long epoch, long version, Deadline deadline, CancellationToken cancellationToken) =>
        WaitFor(new ChangeCondition(this, epoch, version), deadline, cancellationToken);

    public ValueTask<bool> WaitForChangeAsync(long epoch, long version, Deadline deadline, CancellationToken cancellationToken) =>
        WaitForAsync(new ChangeCondition(this, epoch, version), deadline, cancellationToken);

    /// <summary>Whether there is something that no read of this end has seen, or will never be.</summary>
    public PollResult Poll()
    {
        TMemory memory = LastMemory;
        return new ChangeCondition(this, memory.Epoch, memory.SeenVersion).Poll();
    }

    protected override void SwitchTo(Session<TMemory> session)
    {
        // What this end has read of the predecessor is all that the successor began with: there is nothing new yet.
        TMemory last = LastMemory;
        long seen = last.SeenVersion;
        if (session.Memory.Continues(last.Epoch, seen))
            session.Memory.SeenVersion = seen;
        _memory.SwitchTo(session.Memory);
    }

    protected override void OnRevoked() => _memory.Revoke();

    // Epoch 0 is nobody's: whoever names it knows of no creator, and waits for what the first one publishes first. A successor that has
    // published nothing of its own shows what its predecessor did, if it has begun from that, and else nothing.
    private static bool IsAnother(TMemory memory, long epoch, long version) =>
        (memory.PublishedVersion != version || (memory.Epoch != epoch && epoch != 0 && !memory.Continues(epoch, version)))
        && !memory.IsEmpty;

    private readonly struct ChangeCondition(VersionedClient<TMemory> client, long epoch, long version) : ICondition
    {
        public PollResult Poll()
        {
            if (client.IsDisposed)
                return PollResult.Completed;

            // Before the version: what was published before the end counts.
            bool ended = client.Current.Link.HasEnded;
            if (client._memory.GetOrNull() is not { } memory)
                return PollResult.Completed;
            if (IsAnother(memory, epoch, version))
                return PollResult.Ready;
            return ended && !client.Reconnects ? PollResult.Completed : PollResult.Pending;
        }

        public bool MayBeReady() => client._memory.GetOrNull() is not { } memory || IsAnother(memory, epoch, version);
    }
}
