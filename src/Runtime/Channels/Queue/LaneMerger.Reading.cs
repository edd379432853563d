using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TypedShm.Rings;

namespace TypedShm.Channels;

/// <content>Reading.</content>
/// <remarks>
/// A read first tries the plain lane: the only one, as long as there is nothing about it to be looked at but its next message. Whoever
/// changes that, takes the plain lane away, under the lock. A read that has loaded it before goes on as if it had come a little earlier:
/// what it uses outlasts it, since a lane's memory, and its link's words, are given up for zero pages, and its own end, Dispose, waits for
/// it (see <c>Inbox.Exit</c>).
/// </remarks>
internal sealed unsafe partial class LaneMerger<T>
{
    // That of a queue that has none, as of one that is being closed or whose check of threads is exact, never has a message.
    private LaneReader<T> _plain = LaneReader<T>.Never;

    /// <summary>
    /// Begins a read. If the next message of the plain lane is there, it is to be copied, and <see cref="EndPlain"/> to follow; if not,
    /// <see cref="ReadBegun"/> or <see cref="TryReadBegun"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginPlain(out LaneReader<T> lane, out byte* slot, out ulong next)
    {
        // As Enter does it, but that whoever closes takes the plain lane away before he looks who is in: it tells that nobody does.
        if (Access.InUse)
            ThrowUnlessExact();
        Volatile.Write(ref Access.InUse, true);

        // step: merger.look. After the store, as exclusive.look.
        lane = Volatile.Read(ref _plain);
        return lane.TryPeekPlain(out slot, out next);
    }

    /// <summary>The message was copied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndPlain(LaneReader<T> lane, ulong next)
    {
        lane.TakePlain(next);
        Exit();
    }

    /// <summary>Reads what <see cref="TryBeginPlain"/> has not found, waiting for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public T ReadBegun(CancellationToken cancellationToken) => TryReadBegun(out T value) ? value : ReadLater(cancellationToken);

    /// <summary>Reads what <see cref="TryBeginPlain"/> has not found, if it is there: from each lane in turn.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryReadBegun(out T value)
    {
        EnterAttentive();
        LaneReader<T>[] lanes = _lanes;
        int nextLane = _nextLane;
        for (int i = 0; i < lanes.Length; i++)
        {
            if ((uint)nextLane >= (uint)lanes.Length)
                nextLane = 0;
            if (lanes[nextLane++].TryTake(out value))
            {
                _nextLane = nextLane;
                if (lanes.Length == 1 && lanes[0].IsPlain)
                    LookForPlainAgain();
                Exit();
                return true;
            }
        }

        if (FoundNothing())
            return TryRead(out value);
        value = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out T value)
    {
        if (!TryBeginPlain(out LaneReader<T> lane, out byte* slot, out ulong next))
            return TryReadBegun(out value);
        value = LaneReader<T>.PlainValueIn(slot);
        EndPlain(lane, next);
        return true;
    }

    /// <summary>Keeps the message of a lease, which ends with it.</summary>
    public HeldSlot<T> Hold(LaneReader<T> lane, int payloadLength)
    {
        HeldSlot<T> held = lane.Hold(payloadLength);

        // The lane is not plain any more.
        LookForPlainAgain();
        Exit();
        return held;
    }

    public override bool TryRead(out T value, Span<byte> payload, out int length)
    {
        while (TryBegin() is { } lane)
        {
            bool taken;
            try
            {
                ReadOnlySpan<byte> bytes = lane.PayloadOf(lane.Next);
                length = bytes.Length;
                if (length > payload.Length)
                    throw lane.Slots.PayloadTooLong(length, payload.Length);
                bytes.CopyTo(payload);
                taken = lane.TryTake(out value);
            }
            catch (ProtocolException)
            {
                // The lane has kept it, and goes with it; the others go on.
                Exit();
                RemoveCompletedLanes();
                continue;
            }
            catch (ArgumentException)
            {
                // The message is still the next, of its lane and of all.
                _nextLane--;
                Exit();
                throw;
            }

            Exit();
            if (!taken)
                End.ThrowIfDisposed();
            return taken;
        }

        value = default;
        length = 0;
        return false;
    }

    public override bool TryPeek(out T value)
    {
        LaneReader<T>? lane = TryBegin();
        value = default;
        if (lane is null)
            return false;
        lane.Deliver(1);
        lane.Copy(lane.Next, out value);

        // The lane stays the next.
        _nextLane--;
        Exit();
        return true;
    }

    /// <summary>As <see cref="TryRead(out T)"/>, and says who sent it.</summary>
    public bool TryRead(out T value, [NotNullWhen(true)] out SharedPeer? peer)
    {
        LaneReader<T>? lane = TryBegin();
        peer = lane?.Peer;
        value = default;
        if (lane is null)
            return false;
        bool taken = lane.TryTake(out value);
        Exit();
        if (!taken)
            End.ThrowIfDisposed();
        return taken;
    }

    /// <summary>The lane whose next message is next; nobody else reads until <c>Exit</c>.</summary>
    public LaneReader<T>? TryBegin()
    {
        Enter();
        LaneReader<T>[] lanes = _lanes;
        int nextLane = _nextLane;
        for (int i = 0; i < lanes.Length; i++)
        {
            if ((uint)nextLane >= (uint)lanes.Length)
                nextLane = 0;
            LaneReader<T> lane = lanes[nextLane++];
            if (!lane.HasMessage)
                continue;
            _nextLane = nextLane;
            return lane;
        }

        return FoundNothing() ? TryBegin() : null;
    }

    private void LookForPlainAgain()
    {
        lock (_gate)
            LookForPlain();
    }

    // Under the lock, by which all that is stored here comes after what was looked at. Release: a lane is seen as it was then.
    private void LookForPlain() =>
        Volatile.Write(ref _plain, _mayBePlain && _lanes is [{ IsPlain: true } only] ? only : LaneReader<T>.Never);
}
