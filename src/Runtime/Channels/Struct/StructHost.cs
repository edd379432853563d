using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The end of the process that created the struct: signals to those who opened it.</summary>
internal sealed class StructHost<T> : ChannelHost, IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly SharedStructOptions _options;
    private ulong _seen;

    public StructHost(EndpointName endpoint, SharedStructOptions options)
        : base(endpoint, ChannelKind.Struct, [LayoutAdvertisement.Of<T>()], options)
    {
        _options = options;
        CurrentStruct = new CurrentStruct<T>(this);
        CurrentStruct.SwitchTo(StructMemory<T>.Create(endpoint.ShortName, options.AllowPeersToWrite, options.Memory));
        Root();
    }

    public CurrentStruct<T> CurrentStruct { get; }

    public void Signal()
    {
        lock (Gate)
        {
            ThrowIfDisposed();
            ref ulong signals = ref CurrentStruct.Memory.Signals;
            Publisher.Publish(ref signals, signals + 1);
        }

        Source.Interrupt();
    }

    public bool Wait(Deadline deadline, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        SignalCondition condition = new(this, Volatile.Read(ref _seen));
        return Conclude(Waiting.Wait.For(ref condition, Source.Alone, WaitMode, deadline, cancellationToken));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        SignalCondition condition = new(this, Volatile.Read(ref _seen));
        return Conclude(await Waiting.Wait.ForAsync(condition, Source.Alone, WaitMode, deadline, cancellationToken).ConfigureAwait(false));
    }

    // A writer stores whole structs in the memory of the others, and would overwrite fields that it does not know.
    public override bool LayoutsMayHaveGrown(PeerRole role) => role is PeerRole.Reader or PeerRole.Observer;

    public override Admission Admit(HelloMessage hello) => new HostAdmission(this, hello, CurrentStruct.Memory.OffersFor(hello.Role));

    public override void Received(Link link, LinkMessage message, ulong argument)
    {
        base.Received(link, message, argument);

        // From a reader it would be a lie: it has nothing to announce.
        if (message != LinkMessage.Signal || link.Role != PeerRole.Writer)
            return;
        try
        {
            Signal();
        }
        catch (ObjectDisposedException)
        {
            // This end was disposed while the message came: nobody is left to be told.
        }
    }

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        PeerRole.Writer when _options.AllowPeersToWrite => null,
        PeerRole.Writer => new RefuseMessage(RefusalReason.WriteNotAllowed,
            "Its creator lets nobody else write. Open it for reading, or create it with SharedStructOptions.AllowPeersToWrite.", []),
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, $"A shared struct has readers and writers, but no role {(ushort)role}.", []),
    };

    protected override void OnRevoked() => CurrentStruct.Revoke();

    protected override void DisposeMemory()
    {
        // Not while a signal is stored.
        lock (Gate)
            CurrentStruct.Memory.Dispose();
    }

    private bool Conclude(WaitOutcome outcome)
    {
        if (outcome == WaitOutcome.Ready)
            Volatile.Write(ref _seen, Volatile.Read(ref CurrentStruct.Memory.Signals));

        // After the load: what was disposed before it may have been zeros.
        ThrowIfDisposed();
        return outcome == WaitOutcome.Ready;
    }

    // Everything that signals this struct runs in this process, and interrupts its waits.
    private readonly struct SignalCondition(StructHost<T> host, ulong seen) : ICondition
    {
        public PollResult Poll() =>
            host.IsDisposed ? PollResult.Completed
            : Volatile.Read(ref host.CurrentStruct.Memory.Signals) != seen ? PollResult.Ready
            : PollResult.Pending;

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
