using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm.Ends;
using TypedShm.Interop;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The writer of a table. Any number of threads.</summary>
internal sealed unsafe class TableHost<T> : ChannelHost
    where T : unmanaged, ISharedLayout<T>
{
    // Held while a change gets its number and is published, so that when a number is announced all smaller ones have been.
    private readonly Lock _writing = new();
    private readonly SafeHandle? _beginFrom;
    private CurrentMemory<TableMemory<T>> _memory;
    private ulong _changes;

    public TableHost(EndpointName endpoint, int count, SharedTableOptions options)
        : base(endpoint, ChannelKind.Table, [LayoutAdvertisement.Of<T>()], options)
    {
        _beginFrom = options.BeginFrom;
        Shape = new TableShape(count, options.Live);
        _memory.SwitchTo(TableMemory<T>.Create(endpoint.ShortName, Shape, options.Memory));
        Root();
    }

    public SharedRegion Region => _memory.Last.Region;

    public TableShape Shape { get; }

    /// <summary>The memory in use.</summary>
    public TableMemory<T> Memory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _memory.Get(this);
    }

    public void Write(int index, in T value, bool announce)
    {
        lock (_writing)
        {
            TableMemory<T> memory = Memory;
            memory.CheckIndex(index);
            *(T*)memory.Fill(index) = value;
            Commit(memory, index, announce);
        }
    }

    /// <summary>How many changes there were.</summary>
    public TableGeneration Generation
    {
        get
        {
            lock (_writing)
                return new TableGeneration(Memory.Epoch, (long)_changes);
        }
    }

    /// <summary>Copies an element out, between two writes.</summary>
    public T Read(int index, out long version)
    {
        lock (_writing)
        {
            TableMemory<T> memory = Memory;
            memory.CheckIndex(index);
            ulong word = memory.WordOf(index);
            version = (long)TableMemory<T>.VersionOf(word);
            return *(T*)memory.ValueOf(index, word);
        }
    }

    /// <summary>Opens the next value of an element.</summary>
    /// <param name="index">The element.</param>
    /// <param name="copy">Whether it begins as a copy of the current one.</param>
    /// <param name="word">What tells this claim from others.</param>
    public void BeginClaim(int index, bool copy, out ulong word)
    {
        TableMemory<T> memory = Memory;
        memory.CheckIndex(index);
        word = memory.WordOf(index);
        if (Shape.IsLive)
            return;
        byte* next = memory.Fill(index);
        if (copy)
            *(T*)next = *(T*)memory.ValueOf(index, word);
    }

    public byte* ClaimedValue(int index, ulong word)
    {
        TableMemory<T> memory = Memory;
        if (memory.WordOf(index) != word)
            ThrowNotOpen();
        return memory.ValueOf(index, word ^ 1);
    }

    public void CommitClaim(int index, ulong word, bool announce)
    {
        lock (_writing)
        {
            TableMemory<T> memory = Memory;
            if (memory.WordOf(index) != word)
                ThrowNotOpen();
            Commit(memory, index, announce);
        }
    }

    /// <summary>Says that a live element has changed.</summary>
    public void MarkChanged(int index, bool announce)
    {
        lock (_writing)
            Commit(Memory, index, announce);
    }

    /// <summary>Announces all changes that were made so far.</summary>
    public void Announce()
    {
        lock (_writing)
        {
            TableMemory<T> memory = Memory;
            if (memory.Changes != _changes)
                Publisher.Publish(ref memory.Changes, _changes);
        }
    }

    public override void OnNameTaken()
    {
        if (_beginFrom is null)
            return;
        lock (_writing)
        {
            _changes = Predecessor.Begin(_beginFrom, Name,
                (file, size) => TableMemory<T>.From(Shape.Attach(file, size, LayoutDescriptor.Of<T>()), Shape), Memory.BeginFrom);
        }
    }

    public override Admission Admit(HelloMessage hello) =>
        new HostAdmission(this, hello, [new RegionOffer(Region, IsWritable: false)], Shape.ToParameters());

    protected override RefuseMessage? ConsiderRole(PeerRole role) => role switch
    {
        PeerRole.Reader or PeerRole.Observer => null,
        _ => new RefuseMessage(RefusalReason.RoleNotAvailable, "A shared table has one writer, which created it. Open it for reading.", []),
    };

    protected override void OnRevoked()
    {
        // Not in the middle of a write: what was written without an exception was written.
        lock (_writing)
            _memory.Revoke();
    }

    protected override void DisposeMemory() => _memory.Last.Dispose();

    [DoesNotReturn]
    private void ThrowNotOpen()
    {
        ThrowIfDisposed();
        throw new InvalidOperationException("The claim is not open any more: it was committed, or the element was written in another "
            + "way meanwhile. Claim again; one thread at a time writes an element.");
    }

    private void Commit(TableMemory<T> memory, int index, bool announce)
    {
        ulong change = ++_changes;
        memory.Change(index, change);
        CrashPoint.Reach(CrashStep.TableLevels);

        // step: table.announce. Under the lock that numbered the change: all smaller numbers are there.
        if (announce)
            Publisher.Publish(ref memory.Changes, change);
    }
}
