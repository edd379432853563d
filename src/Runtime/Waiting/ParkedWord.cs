namespace TypedShm.Waiting;

/// <summary>
/// The word in which an end says that it sleeps: bit 0 is set while anyone does, bit 1 if a thread sleeps on the
/// futex, bit 2 if somebody waits for a message; the other bits count parkings, so that each is a value of its own.
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
