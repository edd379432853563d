using System.Runtime.CompilerServices;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>
/// The waiting end of a link: its parked word, for all the threads and tasks that sleep until the peer rings. Thread-safe.
/// </summary>
internal sealed unsafe class Parking(Link link)
{
    private readonly Lock _gate = new();
    private int _onFutex;
    private int _onSocket;

    public Link Link => link;

    /// <summary>What the peer changes to wake this end.</summary>
    public uint* Bell { get; } = link.Peer.Doorbell;

    public void AddWaiter(bool onSocket)
    {
        lock (_gate)
            Count(onSocket) += 1;
    }

    /// <summary>
    /// Says that somebody sleeps. Every parking is a new value of the word, so that a newcomer is woken although others were woken
    /// before.
    /// </summary>
    // Inlined, so that the order of Waiter.Park's instructions can be read off the machine code in one piece.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Announce()
    {
        lock (_gate)
            Store();
    }

    public void RemoveWaiter(bool onSocket)
    {
        lock (_gate)
        {
            Count(onSocket) -= 1;
            Store();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store()
    {
        ref uint parked = ref *link.Own.Parked;

        // Release, for no partner of its own: the fence that orders it is in Waiter.Park.
        Volatile.Write(ref parked, ParkedWord.Next(parked, _onFutex > 0, _onSocket > 0));
    }

    private ref int Count(bool onSocket) => ref onSocket ? ref _onSocket : ref _onFutex;
}
