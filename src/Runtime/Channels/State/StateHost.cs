using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using TypedShm.Ends;
using TypedShm.Layout;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The writer of a state. One thread writes at a time.</summary>
internal sealed unsafe class StateHost<T> : ChannelHost
    where T : unmanaged, ISharedLayout<T>
{
    private readonly bool _times;
    private readonly StateMemory<T> _memory;
    private ulong _version;
    private ExclusiveUse _use;

    // How many claims were given up: with it each claim has a number of its own, although the next one is for the same version.
    private ulong _aborted;

    public StateHost(EndpointName endpoint, SharedStateOptions options)
        : base(endpoint, ChannelKind.State, [LayoutAdvertisement.Of<T>()], options)
    {
        _times = options.PublishTimes;
        _use = new ExclusiveUse(options.ExactThreadCheck);
        _memory = StateMemory<T>.Create(endpoint.ShortName, _times);
        Region = _memory.Region;
        Root();
    }

    public SharedRegion Region { get; }

    public ulong Version => Volatile.Read(ref _version);

    public override Admission Admit(HelloMessage hello) => new HostAdmission(this, hello, [new RegionOffer(Region, IsWritable: false)], _times ? 1 : 0);

    public void Write(in T value)
    {
        StateMemory<T> memory = Begin();
        *(T*)memory.Fill(_version + 1) = value;
        Commit(memory);
    }

    /// <summary>Opens the next cell.</summary>
    /// <param name="copy">Whether it begins as a copy of the current one.</param>
    /// <returns>The number of the claim.</returns>
    public ulong BeginClaim(bool copy)
    {
        StateMemory<T> memory = Begin();
        byte* value = memory.Fill(_version + 1);
        if (copy)
            *(T*)value = *(T*)memory.ValueOf(_version);
        return OpenClaim;
    }

    public ref T ClaimedValue(ulong claim)
    {
        CheckOpen(claim);
        ThrowIfDisposed();
        return ref *(T*)_memory.ValueOf(_version + 1);
    }

    public void CommitClaim(ulong claim)
    {
        CheckOpen(claim);
        ThrowIfDisposed();
        Commit(_memory);
    }

    public void AbortClaim(ulong claim)
    {
        if (claim != OpenClaim || !_use.IsInUse)
            return;
        _aborted++;
        Exit();
    }

    /// <summary>A copy of what was published last. As the writes, for one thread at a time; a claim may be open.</summary>
    public T Current
    {
        get
        {
            ThrowIfDisposed();
            T value = *(T*)_memory.ValueOf(_version);

            // The memory may have become zeros meanwhile; the end is disposed before that.
            Volatile.ReadBarrier();
            ThrowIfDisposed();
            return value;
        }
    }

    private ulong OpenClaim => _version + 1 + _aborted;

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, "A shared state has one writer, which created it. Open it for reading.", []),
    };

    // Who writes asks for the flag of this end, which is set by now.
    protected override void OnRevoked()
    {
    }

    protected override void DisposeMemory()
    {
        if (_use.Close())
            _memory.Dispose();
    }

    private void CheckOpen(ulong claim)
    {
        if (claim != OpenClaim || !_use.IsInUse)
            ThrowNotOpen();
    }

    private void Exit()
    {
        if (_use.Exit())
            _memory.Dispose();
    }

    private StateMemory<T> Begin()
    {
        if (!_use.TryEnter())
            ThrowCannotEnter();
        return _memory;
    }

    [DoesNotReturn]
    private void ThrowCannotEnter()
    {
        if (_use.IsFinished)
            _memory.Dispose();
        ThrowIfDisposed();
        throw new InvalidOperationException("A claim of this state is still open, or another thread is writing it. Commit or dispose the claim first; a state has one writer.");
    }

    [DoesNotReturn]
    private void ThrowNotOpen()
    {
        ThrowIfDisposed();
        throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");
    }

    private void Commit(StateMemory<T> memory)
    {
        ulong next = _version + 1;
        Padding<T>.Clear(memory.ValueOf(next));
        if (_times)
            memory.TimeOf(next) = Stopwatch.GetTimestamp();
        memory.Close(next);

        // step: state.publish
        Publisher.Publish(ref memory.Version, next);
        Volatile.Write(ref _version, next);
        Exit();
    }
}
