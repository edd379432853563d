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
    private StateMemory<T>? _memory;
    private ulong _version;
    private bool _claimOpen;

    public StateHost(string shortName, SharedStateOptions options)
        : base(ChannelKind.State, [LayoutAdvertisement.Of<T>()], options)
    {
        _times = options.PublishTimes;
        _memory = StateMemory<T>.Create(shortName, _times);
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
        _claimOpen = false;
    }

    /// <summary>Opens the next cell.</summary>
    /// <param name="copy">Whether it begins as a copy of the current one.</param>
    /// <returns>The version that it will be.</returns>
    public ulong BeginClaim(bool copy)
    {
        StateMemory<T> memory = Begin();
        byte* value = memory.Fill(_version + 1);
        if (copy)
            *(T*)value = *(T*)memory.ValueOf(_version);
        return _version + 1;
    }

    public byte* ClaimedValue(ulong claim)
    {
        if (!_claimOpen || claim != _version + 1)
            ThrowNotOpen();
        return Memory().ValueOf(claim);
    }

    public void CommitClaim(ulong claim)
    {
        if (!_claimOpen || claim != _version + 1)
            ThrowNotOpen();
        Commit(Memory());
        _claimOpen = false;
    }

    public void AbortClaim(ulong claim)
    {
        if (claim == _version + 1)
            _claimOpen = false;
    }

    /// <summary>A copy of what was published last.</summary>
    public T Current => *(T*)Memory().ValueOf(_version);

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, "A shared state has one writer, which created it. Open it for reading.", []),
    };

    protected override void Close()
    {
        StateMemory<T>? memory = Interlocked.Exchange(ref _memory, null);
        Leave();
        memory?.Dispose();
    }

    [DoesNotReturn]
    private static void ThrowBusy() => throw new InvalidOperationException("A claim of this state is still open, or another thread is writing it. Commit or dispose the claim first; a state has one writer.");

    [DoesNotReturn]
    private static void ThrowNotOpen() => throw new InvalidOperationException("The claim is not open any more: it was committed, or disposed. Claim again.");

    private StateMemory<T> Begin()
    {
        if (_claimOpen)
            ThrowBusy();
        StateMemory<T> memory = Memory();
        _claimOpen = true;
        return memory;
    }

    private StateMemory<T> Memory()
    {
        StateMemory<T>? memory = Volatile.Read(ref _memory);
        if (memory is null)
            ThrowIfDisposed();
        return memory!;
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
    }
}
