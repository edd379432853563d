using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <summary>
/// The reading side of a broadcast, for as long as one connection's memory is read. One thread at a time.
/// </summary>
/// <remarks>
/// <para>
/// The writer of a broadcast that may lose messages never waits, so nothing that was read counts before the sequence of its slot
/// has been loaded again: copy, then check. Memory that was given up meanwhile fails the check too, since it shows zeros.
/// </para>
/// <para>
/// In a lossless broadcast the writer waits, unless it has cut this reader off. The check is the same there: the sequence lies on the line
/// that the reader has anyway, and stays readable after the connection, with its word that says so, is gone. That word is the reason for
/// which a message was overwritten.
/// </para>
/// </remarks>
internal sealed unsafe partial class RingReader<T>
    where T : unmanaged, ISharedLayout<T>
{
    // A hot writer can lap a reader again and again. Now and then whoever reads has to look whether it still should.
    private const int MaxTries = 64;

    // Whether the writer has cut this reader off, once it is known for good.
    private const int Unknown = 0;
    private const int NotCut = 1;
    private const int Cut = 2;

    // Bits of _attention: the writer waits for this reader; the connection has ended; messages are not read as they stand.
    private const int Gated = 1;
    private const int Ended = 2;
    private const int ByCopy = 4;

    private readonly Ring _ring;
    private readonly Link _link;
    private readonly Publisher? _publisher;
    private readonly ulong* _head;
    private readonly SlotAccess<T> _slots;
    private readonly ulong _kept;
    private ulong _next;
    private long _lost;
    private int _cut = Unknown;
    private bool? _answer;
    private int _attention;

    // How many messages may be read after the end of the connection, so that a writer that hangs up and goes on writing is not read for
    // ever. Whoever hangs up leaves at most a ring of messages, besides the one that was being read: it may have been overwritten since.
    private ulong _remaining;

    /// <param name="ring">The memory.</param>
    /// <param name="link">The connection to the writer.</param>
    /// <param name="start">The message to begin with, as the writer said.</param>
    public RingReader(Ring ring, Link link, ulong start)
    {
        _ring = ring;
        _link = link;
        _head = link.Own.Head;
        _slots = new SlotAccess<T>(ring.Region, ring.Capacity);
        Compatibility = LayoutCompatibility.For<T>(ring.Region.Layout!);
        _attention = Compatibility.IsByReference ? 0 : ByCopy;
        _next = start;
        Start = start;
        _remaining = ring.Capacity + 1;

        // Where to go on after a lap: at the oldest message one would be lapped again at once.
        _kept = ring.Capacity - (ring.Capacity / 2);
        if (ring.Shape.IsLossless && link.Role == PeerRole.Reader)
        {
            _publisher = Publisher.To(link);
            _attention |= Gated;
        }

        if (start > Ring.MaxCount)
            Faulted($"{link.Identity} says that message {start} is the next one.");
    }

    public Ring Ring => _ring;

    public Link Link => _link;

    public SlotAccess<T> Slots => _slots;

    /// <summary>How the writer's layout relates to that of <typeparamref name="T"/>.</summary>
    public LayoutCompatibility Compatibility { get; }

    /// <summary>The message that was the first to be read.</summary>
    public ulong Start { get; }

    /// <summary>The message that is read next.</summary>
    public ulong Next => Volatile.Read(ref _next);

    /// <summary>How many messages were overwritten before they were read.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>What the writer did that the protocol does not allow, or that it has cut this reader off.</summary>
    public SharedMemoryException? Fault { get; private set; }

    // Whether the writer waits for this reader.
    private bool IsGated => _publisher is not null;

    /// <summary>Whether a read would find something: the next message, or that it was overwritten.</summary>
    public bool HasNews
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _slots.SequenceOf(_next)) >= Ring.Committed(_next) && _remaining != 0;
    }

    /// <summary>Copies the next message out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out T value)
    {
        ulong next = _next;
        byte* slot = _slots.SlotOf(next);

        // step: lossy.look, lossless.look. Acquire: pairs with the release of lossy.even, so that what was filled in is seen.
        // With anything but the writer's waiting to attend to, the message is left to TryTakeSlowly. That the connection ends while it is
        // copied matters no more than that it ends right after: its words outlast whoever has just found it open.
        if (Volatile.Read(ref *(ulong*)slot) == Ring.Committed(next) && Volatile.Read(ref _attention) is int attention and <= Gated)
        {
            // step: lossy.copy, lossless.use
            value = _slots.ValueIn(slot);
            CrashPoint.Reach(CrashStep.RingCopied);
            if (IsIntact(slot, next))
            {
                Advance(next, isGated: attention == Gated);
                return true;
            }
        }

        return TryTakeSlowly(out value);
    }

    /// <summary>As <see cref="TryTake(out T)"/>, with the payload.</summary>
    /// <exception cref="ArgumentException">There is not enough room for it; the message is still the next.</exception>
    public bool TryTake(out T value, Span<byte> payload, out int length)
    {
        for (int i = 0; i < MaxTries && Find(); i++)
        {
            ulong next = _next;
            Copy(next, out value);
            if (!TryGetPayload(next, out ReadOnlySpan<byte> bytes))
                continue;
            length = bytes.Length;
            if (length <= payload.Length)
                bytes.CopyTo(payload);
            if (!IsIntact(next))
                continue;
            if (length > payload.Length)
                throw _slots.PayloadTooLong(length, payload.Length);
            return TryAdvance(next);
        }

        value = default;
        length = 0;
        return false;
    }

    /// <summary>Copies the next message, which stays the next.</summary>
    public bool TryPeek(out T value)
    {
        for (int i = 0; i < MaxTries && Find(); i++)
        {
            Copy(_next, out value);
            if (IsIntact(_next))
                return true;
        }

        value = default;
        return false;
    }

    /// <summary>How many messages are there, at most a whole ring.</summary>
    public int Available => Fault is null && Volatile.Read(ref _ring.Tail) is ulong tail && tail > _next
        ? (int)Math.Min(tail - _next, _ring.Capacity)
        : 0;

    /// <summary>Whether the next message is there. Goes past those that were overwritten, and counts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Find()
    {
        for (int i = 0; i < MaxTries && Fault is null && _remaining != 0; i++)
        {
            ulong sequence = Volatile.Read(ref _slots.SequenceOf(_next));
            if (sequence == Ring.Committed(_next))
                return true;

            // Not there yet, or, in what a writer does that breaks the protocol, something that is none of ours.
            if (sequence < Ring.Committed(_next))
                return false;
            Skip();
        }

        return false;
    }

    /// <summary>Whether all that was read of a message until now was of it alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIntact(ulong message) => IsIntact(_slots.SlotOf(message), message);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsIntact(byte* slot, ulong message)
    {
        // step: lossy.order, lossless.order. What was loaded before is loaded before the sequence is loaded again. Pairs with
        // lossy.barrier.
        Volatile.ReadBarrier();

        // step: lossy.check, lossless.check
        return Volatile.Read(ref *(ulong*)slot) == Ring.Committed(message);
    }

    /// <summary>The payload of a message, of which nothing counts before <see cref="IsIntact(ulong)"/> was asked.</summary>
    /// <returns>False if the message was overwritten, or its length is impossible, which is a fault.</returns>
    public bool TryGetPayload(ulong message, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_ring.Layout.PayloadCapacity == 0)
            return true;

        // Loaded once: the writer can change it at any time.
        uint length = _slots.LengthOf(message);
        if (!IsIntact(message))
            return false;
        if (length > (uint)_ring.Layout.PayloadCapacity)
        {
            Faulted($"{_link.Identity} says that the payload of message {message} has {length} bytes, but there is room for "
                + $"{_ring.Layout.PayloadCapacity}.");
            return false;
        }

        payload = new ReadOnlySpan<byte>(_slots.PayloadOf(message), (int)length);
        return true;
    }

    /// <summary>
    /// Begins later than the writer said: the messages before were read over another connection to the same writer, which had ended, but
    /// whose memory is the same.
    /// </summary>
    public void BeginAt(ulong next) => Advance(next - 1, isGated: (Volatile.Read(ref _attention) & (Gated | Ended)) == Gated);

    /// <summary>Goes on to the next message.</summary>
    /// <returns>False if this one does not count, because it came too long after the end of the connection.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAdvance(ulong message)
    {
        int attention = Volatile.Read(ref _attention);
        if ((attention & Ended) != 0 && !TryCountAfterEnd())
            return false;
        Advance(message, isGated: (attention & (Gated | Ended)) == Gated);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(ulong message, bool isGated)
    {
        Volatile.Write(ref _next, message + 1);
        CrashPoint.Reach(CrashStep.RingRead);

        // step: lossless.release. Once the connection is gone nobody reads the word, and its memory is not kept for ever.
        if (isGated)
            _publisher!.Publish(ref *_head, message + 1);
    }

    // What counts once IsIntact was asked.
    private void Copy(ulong message, out T value) => _slots.Copy(message, Compatibility, out value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryCountAfterEnd()
    {
        if (_remaining == 0)
            return false;
        _remaining--;
        return true;
    }

    // Rarely called, even in a process that reads all the time: without the attribute it would run as it was first compiled, and one try
    // would take longer than the writer takes for many messages.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryTakeSlowly(out T value)
    {
        for (int i = 0; i < MaxTries && Find(); i++)
        {
            ulong next = _next;
            Copy(next, out value);
            if (!IsIntact(next))
                continue;
            return TryAdvance(next);
        }

        value = default;
        return false;
    }

    // The next message was overwritten.
    private void Skip()
    {
        if (IsGated)
        {
            // The writer stores the word before it overwrites anything, see lossless.cut-barrier.
            Fault = WasCut ? CutOff() : null;
            if (Fault is null)
                Faulted($"{_link.Identity} has overwritten message {_next} of a lossless broadcast before it was read.");
            return;
        }

        // step: lossy.lap. Acquire: what the tail counts is there.
        ulong newest = Volatile.Read(ref _ring.Tail);
        if (newest > Ring.MaxCount)
        {
            Faulted($"{_link.Identity} says that it has written {newest} messages.");
            return;
        }

        ulong to = Math.Max(_next + 1, newest - Math.Min(newest, _kept));
        Volatile.Write(ref _lost, _lost + (long)(to - _next));
        Volatile.Write(ref _next, to);
    }

    private ProtocolException Faulted(string what)
    {
        ProtocolException fault = new($"{what} It was disconnected.");
        Fault = fault;
        return fault;
    }
}
