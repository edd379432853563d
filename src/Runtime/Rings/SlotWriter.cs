using System.Diagnostics;
using System.Runtime.CompilerServices;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Rings;

/// <summary>
/// What the writers of a lane and of a broadcast have in common: whose turn it is, which slot comes next, the open claim, and all that
/// stands in a slot besides its sequence. In which order slots become a reader's is for the writers themselves.
/// </summary>
/// <remarks>A field of theirs, never copied. One thread at a time, but for what says otherwise.</remarks>
internal unsafe struct SlotWriter<T>
    where T : unmanaged, ISharedLayout<T>
{
    public readonly SlotAccess<T> Slots;

    /// <summary>Whether anything stands in a slot beside sequence and value.</summary>
    public readonly bool HasFields;

    /// <summary>Who is at work.</summary>
    public ExclusiveUse Use;

    /// <summary>
    /// The numbers of the claims. That of one is computed of two fields, not in a method here: for one the JIT keeps the address of all
    /// this, and has to store it on the stack, between the stores into a slot that are better put together.
    /// </summary>
    public ClaimNumbers Claims;

    private readonly SharedRegion _region;
    private readonly SparseSlots? _sparse;
    private readonly int _preallocatedPayload;
    private readonly string _oneWriter;
    private PayloadScrubber? _scrubber;
    private ulong _next;

    /// <param name="region">The region with the slots.</param>
    /// <param name="capacity">How many there are.</param>
    /// <param name="isExact">Whether two threads at once are always noticed.</param>
    /// <param name="oneWriter">What to do about two threads, as the end of a sentence.</param>
    public SlotWriter(SharedRegion region, ulong capacity, bool isExact, string oneWriter)
    {
        Slots = new SlotAccess<T>(region, capacity);
        _region = region;
        HasFields = Slots.Layout.Fields != SlotFields.Sequence;
        _sparse = region.IsSparse ? new SparseSlots(region) : null;
        _preallocatedPayload = _sparse?.PreallocatedPayload ?? PayloadCapacity;
        _oneWriter = oneWriter;
        Use = new ExclusiveUse(isExact);
    }

    /// <summary>The position of the message that is written next, or that the open claim is for.</summary>
    public readonly ulong Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _next;
    }

    /// <summary>How many messages have been written. Any thread.</summary>
    public readonly ulong Written => Volatile.Read(in _next);

    /// <summary>The slot of the open claim; of a batch the first.</summary>
    public readonly byte* OpenSlot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Slots.SlotOf(_next);
    }

    public readonly int PayloadCapacity => Slots.Layout.PayloadCapacity;

    /// <summary>Whether the memory may go, see <see cref="ExclusiveUse.IsFinished"/>. Any thread.</summary>
    public readonly bool IsFinished => Use.IsFinished;

    /// <summary>Begins a write or a claim. If that fails, <see cref="ThrowIfInUse"/> and <see cref="IsFinished"/> say why.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter() => Use.TryEnter();

    /// <summary>Ends it.</summary>
    /// <returns>Whether it is for the caller to give the memory up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Exit() => Use.Exit();

    /// <inheritdoc cref="ExclusiveUse.Close"/>
    public bool Close() => Use.Close();

    public readonly void ThrowIfInUse()
    {
        if (Use.InUse)
            throw new InvalidOperationException(
                $"A claim of this writer is still open, or another thread is using it. Commit or dispose the claim first; {_oneWriter}.");
    }

    /// <summary>Some messages have been committed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(ulong next) => Volatile.Write(ref _next, next);

    /// <summary>The open claim is over, and nobody will see what it was for; <see cref="Exit"/> follows.</summary>
    public void AbortClaim() => Claims.Abort();

    /// <summary>The value in the slot of the open claim.</summary>
    /// <exception cref="InvalidOperationException">The claim is not the open one.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref T ClaimedValue(ulong claim)
    {
        CheckOpen(claim);
        return ref Slots.ValueOf(_next);
    }

    /// <exception cref="InvalidOperationException">The claim is not the open one.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void CheckOpen(ulong claim) => Claims.Check(claim, _next);

    /// <summary>The room for the payload of the open claim, at most so many bytes.</summary>
    public readonly Span<byte> ClaimedPayload(ulong claim, int most)
    {
        CheckOpen(claim);
        int length = Math.Min(most, PayloadCapacity);
        Reserve(length);
        _scrubber?.NoteWritten(Slots.IndexOf(_next), length);
        return new Span<byte>(Slots.PayloadOf(_next), length);
    }

    /// <summary>Makes sure that the next slot has room for a payload.</summary>
    /// <exception cref="ArgumentException">No message has room for that.</exception>
    /// <exception cref="SystemCallException">There is no memory for it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Reserve(int length)
    {
        if ((uint)length > (uint)_preallocatedPayload)
            ReserveMore(length);
    }

    /// <summary>Writes a message's payload into the next slot.</summary>
    public readonly void Fill(byte* slot, ReadOnlySpan<byte> payload) =>
        payload.CopyTo(new Span<byte>(Slots.PayloadIn(slot), payload.Length));

    /// <summary>Writes all that stands in a slot besides value, payload and sequence, and clears what nobody is to see.</summary>
    /// <returns>The slot, which so need not be kept over a call.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly byte* WriteSlotHeader(byte* slot, int payloadLength)
    {
        Padding<T>.Clear((byte*)Unsafe.AsPointer(ref Slots.ValueIn(slot)));
        return HasFields ? WriteFields(slot, payloadLength) : slot;
    }

    /// <summary>As <see cref="WriteSlotHeader"/>, of the next slots, whose messages have no payload.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void WriteSlotHeaders(int count)
    {
        if (HasFields || Padding<T>.Exists)
            WriteEachHeader(count);
    }

    /// <summary>
    /// A process of another user maps the slots, see <see cref="PayloadScrubber"/>. Called by one thread at a time, while the writer may
    /// go on writing.
    /// </summary>
    public void ScrubPayloads()
    {
        if (PayloadCapacity > 0 && _scrubber is null)
            Volatile.Write(ref _scrubber, new PayloadScrubber(_region));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void WriteEachHeader(int count)
    {
        for (int i = 0; i < count; i++)
            WriteSlotHeader(Slots.SlotOf(_next + (ulong)i), 0);
    }

    /// <summary>Writes what <see cref="HasFields"/> says is there.</summary>
    /// <returns>The slot.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly byte* WriteFields(byte* slot, int payloadLength)
    {
        if ((Slots.Layout.Fields & SlotFields.Time) != 0)
            Slots.SetTime(slot, Stopwatch.GetTimestamp());
        if (PayloadCapacity == 0)
            return slot;
        Slots.SetLength(slot, payloadLength);
        if (_scrubber is null)
            return slot;
        int index = Slots.IndexOf(slot);
        _scrubber.Scrub(index, Slots.PayloadIn(slot), payloadLength, _sparse?.RoomOf(index) ?? PayloadCapacity);
        return slot;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void ReserveMore(int length)
    {
        if ((uint)length > (uint)PayloadCapacity)
            throw new ArgumentException($"The payload has {length} bytes, but a message of this channel has room for {PayloadCapacity} "
                + "(MessageOptions.PayloadCapacity of its creator).");
        _sparse!.Reserve(Slots.IndexOf(_next), length);
    }
}
