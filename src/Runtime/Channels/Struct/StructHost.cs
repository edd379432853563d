using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>The end of the process that created the struct: signals to those who opened it.</summary>
internal sealed class StructHost<T> : ChannelHost, IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly SharedStructOptions _options;
    private TaskCompletionSource _pulse = NewPulse();
    private ulong _seen;

    public StructHost(string shortName, SharedStructOptions options)
        : base(ChannelKind.Struct, [StatedLayout.Of<T>()], options)
    {
        _options = options;
        Live = new LiveValue<T>(this);
        Live.Use(StructMemory<T>.Create(shortName, options.AllowPeersToWrite));
        Root();
    }

    public LiveValue<T> Live { get; }

    public void Signal()
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            ref ulong signals = ref Live.Memory.Signals;
            Volatile.Write(ref signals, signals + 1);

            // Between the store of the count and the loads of the parked words, see Doorbell.Ring.
            Interlocked.MemoryBarrier();
            foreach (Member member in Members)
                member.Doorbell.Ring();
        }

        Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();
    }

    public bool Wait(Deadline deadline, CancellationToken cancellationToken) =>
        WaitAsync(deadline, cancellationToken).AsTask().GetAwaiter().GetResult();

    // Everything that signals this struct runs in this process, so waiting is a matter of a task.
    public async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        ulong seen = Volatile.Read(ref _seen);
        while (true)
        {
            Task pulse = Volatile.Read(ref _pulse).Task;
            ulong now = Volatile.Read(ref Live.Memory.Signals);
            ThrowIfDisposed();
            if (now != seen)
            {
                Volatile.Write(ref _seen, now);
                return true;
            }

            try
            {
                await pulse.WaitAsync(deadline.Remaining, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    public override RegionOffer[] RegionsFor(PeerRole role) => Live.Memory.OffersFor(role);

    public override void Received(Link link, LinkMessage message)
    {
        // From a reader it would be a lie: it has nothing to announce.
        if (message == LinkMessage.Signal && link.Role == PeerRole.Writer && !IsDisposed)
            Signal();
    }

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        PeerRole.Writer when _options.AllowPeersToWrite => null,
        PeerRole.Writer => new RefuseMessage(RefusalReason.WriteNotAllowed, "Its creator lets nobody else write. Open it for reading, or create it with SharedStructOptions.AllowPeersToWrite.", []),
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, $"A shared struct has readers and writers, but no role {(ushort)role}.", []),
    };

    protected override void Close()
    {
        Live.Revoke();
        Leave();
        Interlocked.Exchange(ref _pulse, NewPulse()).TrySetResult();
        lock (Gate)
            Live.Memory.Dispose();
    }

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
