using TypedShm.Interop;
using TypedShm.Memory;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>
/// The publishing end of a link: wakes the other end if it has parked, once for each parking. The partner of
/// <see cref="Parking"/>; used by one thread at a time.
/// </summary>
internal sealed class Doorbell(Link link)
{
    private uint _lastWoken;

    /// <summary>Call after the data is published and a full fence.</summary>
    /// <remarks>
    /// The publisher stores its data, then loads <c>parked</c>; the parker stores <c>parked</c>, then loads the data. Each
    /// has a full fence in between (both are store-load, which neither x64 nor arm64 orders by itself), so at least one
    /// of them sees the other's store: either the bell rings, or the parker does not go to sleep. The doorbell is
    /// changed before the wake, so that a parker that has read it but does not sleep yet is turned back by the futex's own
    /// comparison.
    /// </remarks>
    public unsafe void Ring()
    {
        uint parked = Volatile.Read(ref link.Peer.Parked);
        if (!ParkedWord.IsParked(parked) || parked == _lastWoken)
            return;

        _lastWoken = parked;
        ref uint bell = ref *link.Own.Doorbell;
        uint next = bell + 1;
        Volatile.Write(ref bell, next == 0 ? 1 : next);
        if (ParkedWord.SleepsOnFutex(parked))
            Native.FutexWakeAll(link.Own.Doorbell);
        if (ParkedWord.SleepsOnSocket(parked))
            link.Send(LinkMessage.Wake);
    }
}

/// <summary>
/// The word in which an end says that it sleeps: bit 0 is set while anyone does, bit 1 if a thread sleeps on the
/// futex, bit 2 if a task waits for a message; the other bits count parkings, so that each is a value of its own.
/// </summary>
internal static class ParkedWord
{
    private const uint Parked = 1;
    private const uint OnFutex = 2;
    private const uint OnSocket = 4;
    private const uint OneParking = 8;

    public static bool IsParked(uint word) => (word & Parked) != 0;

    public static bool SleepsOnFutex(uint word) => (word & OnFutex) != 0;

    public static bool SleepsOnSocket(uint word) => (word & OnSocket) != 0;

    /// <summary>The word of the next parking, or of none if nobody sleeps.</summary>
    public static uint Next(uint word, bool onFutex, bool onSocket)
    {
        uint count = (word & ~(OneParking - 1)) + OneParking;
        return count | (onFutex || onSocket ? Parked : 0) | (onFutex ? OnFutex : 0) | (onSocket ? OnSocket : 0);
    }
}
