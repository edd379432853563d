using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>
/// The publishing end of a link: wakes the other end, once for each of its parkings. Thread-safe. See <see cref="Publisher"/>.
/// </summary>
internal sealed unsafe class Doorbell(Link link)
{
    // A peer whose parked word changes all the time without anyone sleeping there would cost a system call a message.
    // After so many wakes in a row that found nobody it gets one a millisecond.
    private const int MaxFutileWakes = 64;

    private readonly Lock _gate = new();
    private uint _lastWoken;
    private int _futileWakes;
    private long _lastWake;
    private Timer? _later;
    private bool _isDeferred;

    public Link Link => link;

    /// <summary>System calls made to wake the peer.</summary>
    public long Wakes { get; private set; }

    /// <summary>Call after the data is published and its fence, with the value of the peer's parked word.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Ring(uint parked)
    {
        lock (_gate)
        {
            if (parked == _lastWoken || _isDeferred)
                return;
            if (_futileWakes >= MaxFutileWakes && Environment.TickCount64 == _lastWake)
            {
                // step: publish.defer. Late, but not lost: nobody else may come by who would wake the peer.
                _isDeferred = true;
                _later ??= ContextFlow.NewTimer(static bell => ((Doorbell)bell!).RingLate(), this);
                _later.Change(1, Timeout.Infinite);
                return;
            }

            Wake(parked);
        }
    }

    private void RingLate()
    {
        lock (_gate)
        {
            _isDeferred = false;
            // step: publish.late. Acquire, as in Publisher.Publish: the parking may be another one by now.
            uint parked = Volatile.Read(ref *link.Peer.Parked);
            if (!link.HasEnded && ParkedWord.IsParked(parked) && parked != _lastWoken)
                Wake(parked);
        }
    }

    private void Wake(uint parked)
    {
        // step: publish.ring. The bell changes before the wake, so that a parker that has read it but does not sleep yet is
        // turned back by the futex's own comparison.
        _lastWoken = parked;
        ref uint bell = ref *link.Own.Doorbell;
        uint next = bell + 1;
        Volatile.Write(ref bell, next == 0 ? 1 : next);
        CrashPoint.Reach(CrashStep.BellChanged);

        // step: publish.wake
        bool found = false;
        if (ParkedWord.SleepsOnFutex(parked))
            found = Native.FutexWakeAll(link.Own.Doorbell) > 0;
        if (ParkedWord.SleepsOnSocket(parked))
            found |= link.Send(LinkMessage.Wake);
        CrashPoint.Reach(CrashStep.BellRung);
        Wakes++;
        _futileWakes = found ? 0 : _futileWakes + 1;
        _lastWake = Environment.TickCount64;
    }
}
