using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Waiting;

namespace TypedShm.Rings;

/// <content>Messages that are held beyond their turn: their slots are given back by any thread, in any order.</content>
internal unsafe partial class LaneReader<T>
{
    private readonly Lock _gate = new();
    private int _held;
    private ulong[]? _released;
    private Stack<HeldSlot<T>>? _spares;
    private bool _disposeWhenReleased;

    /// <summary>Goes on to the next message, but keeps the slot of this one until <see cref="Release(ulong)"/>.</summary>
    public ulong Hold()
    {
        lock (_gate)
        {
            if (_held == 0)
                _head = _next;
            _released ??= new ulong[(_lane.Capacity + 63) / 64];
            Volatile.Write(ref _held, _held + 1);
            ulong position = _next++;
            if (_link.HasEnded)
                CountAfterEnd(1);
            return position;
        }
    }

    /// <summary>
    /// As <see cref="Hold()"/>, with what stands for the message. What was used before for one of this lane is used again.
    /// </summary>
    /// <param name="payloadLength">The length of its payload.</param>
    public HeldSlot<T> Hold(int payloadLength)
    {
        HeldSlot<T>? slot = null;
        lock (_gate)
            _spares?.TryPop(out slot);
        slot ??= new HeldSlot<T>(this);
        slot.Begin(Hold(), payloadLength);
        return slot;
    }

    /// <summary>Gives the slot of a held message back. Any thread, any order.</summary>
    public void Release(ulong position)
    {
        lock (_gate)
        {
            MarkReleased(position, true);
            CrashPoint.Reach(CrashStep.HeldReleased);
            AdvanceHead();

            // Release: see Advance.
            Volatile.Write(ref _held, _held - 1);
            if (_disposeWhenReleased && _held == 0)
                _lane.Dispose();
        }
    }

    /// <summary>As <see cref="Release(ulong)"/>, of what <see cref="Hold(int)"/> returned.</summary>
    public void Release(HeldSlot<T> slot, ulong position)
    {
        Release(position);
        lock (_gate)
            (_spares ??= new Stack<HeldSlot<T>>()).Push(slot);
    }

    /// <summary>Everything was read, or nobody reads any more: gives the memory up as soon as no message is held any more.</summary>
    public void DisposeWhenReleased()
    {
        lock (_gate)
        {
            _disposeWhenReleased = true;
            if (_held == 0)
                _lane.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseRange(ulong from, int count)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
                MarkReleased(from + (ulong)i, true);
            AdvanceHead();
        }

        if (_link.HasEnded)
            CountAfterEnd(count);
    }

    // Moves the head over everything that was given back.
    private void AdvanceHead()
    {
        ulong head = _head;
        while (head != _next && IsReleased(head))
            MarkReleased(head++, false);
        if (head != _head)
        {
            _head = head;

            // See Advance.
            if (!_link.HasEnded)
                this.Publish(ref *_headWord, head);
        }
    }

    private bool IsReleased(ulong position) => (_released![_slots.IndexOf(position) >> 6] >> (_slots.IndexOf(position) & 63) & 1) != 0;

    private void MarkReleased(ulong position, bool released)
    {
        int index = _slots.IndexOf(position);
        ref ulong word = ref _released![index >> 6];
        ulong bit = 1ul << (index & 63);
        word = released ? word | bit : word & ~bit;
    }
}
