using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm.Ends;
using TypedShm.Interop;
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
    private readonly SafeHandle? _beginFrom;
    private readonly StateMemory<T> _memory;
    private ulong _version;
    private ExclusiveUse _use;
    private ClaimNumbers _claims;
    private byte* _claimed;

    public StateHost(EndpointName endpoint, SharedStateOptions options)
        : base(endpoint, ChannelKind.State, [LayoutAdvertisement.Of<T>()], options)
    {
        _times = options.PublishTimes;
        _beginFrom = options.BeginFrom;
        _use = new ExclusiveUse(options.ExactThreadCheck);
        _memory = StateMemory<T>.Create(endpoint.ShortName, _times, options.Memory);
        Region = _memory.Region;
        Root();
    }

    public SharedRegion Region { get; }

    public ulong Version => Volatile.Read(ref _version);

    public override void OnNameTaken()
    {
        if (_beginFrom is null)
            return;
        ulong version = Predecessor.Begin(
            _beginFrom, Name, (file, size) => StateMemory<T>.From(StateCells.Attach(file, size, LayoutDescriptor.Of<T>(), _times)),
            _memory.BeginFrom);
        Volatile.Write(ref _version, version);
    }

    public override Admission Admit(HelloMessage hello) =>
        new HostAdmission(this, hello, [new RegionOffer(Region, IsWritable: false)], _times ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(in T value)
    {
        Enter();
        ulong next = _version + 1;
        byte* filled = _memory.Fill(next);
        *(T*)filled = value;
        Commit(filled, next);
    }

    /// <summary>Opens the next cell.</summary>
    /// <param name="copy">Whether it begins as a copy of the current one.</param>
    /// <returns>The number of the claim.</returns>
    public ulong BeginClaim(bool copy)
    {
        Enter();
        byte* value = _memory.Fill(_version + 1);
        if (copy)
            *(T*)value = *(T*)_memory.ValueOf(_version);
        _claimed = value;
        return _claims.After(_version);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T ClaimedValue(ulong claim)
    {
        _claims.Check(claim, _version);
        return ref *(T*)_claimed;
    }

    public void CommitClaim(ulong claim)
    {
        _claims.Check(claim, _version);
        ThrowIfDisposed();
        Commit(_claimed, _version + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AbortClaim(ulong claim)
    {
        if (claim == _claims.After(_version))
            Abort();
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

    // Apart, see LaneWriter.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Abort()
    {
        _claims.Abort();
        Exit();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter()
    {
        if (!_use.TryEnter())
            ThrowCannotEnter();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit()
    {
        if (_use.Exit())
            _memory.Dispose();
    }

    [DoesNotReturn]
    private void ThrowCannotEnter()
    {
        if (_use.IsFinished)
            _memory.Dispose();
        ThrowIfDisposed();
        throw new InvalidOperationException("A claim of this state is still open, or another thread is writing it. Commit or dispose "
            + "the claim first; a state has one writer.");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(byte* value, ulong next)
    {
        CrashPoint.Reach(CrashStep.StateFilled);
        Padding<T>.Clear(value);
        if (_times)
            _memory.TimeOf(next) = Stopwatch.GetTimestamp();
        _memory.Close(value, next);
        CrashPoint.Reach(CrashStep.StateEven);

        // step: state.publish
        Publisher.Publish(ref _memory.Version, next);
        Volatile.Write(ref _version, next);
        Exit();
    }
}
