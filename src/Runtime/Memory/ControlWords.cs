using TypedShm.Interop;

namespace TypedShm.Memory;

/// <summary>
/// The control words of one end of one connection. The end that created them writes them, the peer reads them, and
/// nobody else maps them. <c>docs/format.md</c> gives offsets and meaning.
/// </summary>
internal sealed unsafe class ControlWords : IDisposable
{
    /// <summary>
    /// Distance of any two words in bytes: two cache lines, since processors fetch lines in pairs and some arm64 ones
    /// have lines of 128 bytes. Words of one owner too, because different words are polled at different times.
    /// </summary>
    public const int Spacing = 128;

    public const int HeadOffset = 0 * Spacing;
    public const int DeliveredOffset = 1 * Spacing;
    public const int ParkedOffset = 2 * Spacing;
    public const int DoorbellOffset = 3 * Spacing;
    public const int ClosedOffset = 4 * Spacing;
    public const int CutOffset = 5 * Spacing;
    public const int Length = 6 * Spacing;

    private const string Name = "the control words";

    private readonly SharedRegion _region;
    private readonly byte* _words;

    private ControlWords(SharedRegion region)
    {
        _region = region;
        _words = (byte*)region.Address + region.Header.ControlOffset;
    }

    public SharedRegion Region => _region;

    /// <summary>How many messages this end has read and given back: its slots before it are the writer's again.</summary>
    public ulong* Head => (ulong*)(_words + HeadOffset);

    /// <summary>How many messages this end has handed to its program.</summary>
    public ref ulong Delivered => ref *(ulong*)(_words + DeliveredOffset);

    /// <summary>Says whether and how this end sleeps, see <c>ParkedWord</c>.</summary>
    public uint* Parked => (uint*)(_words + ParkedOffset);

    /// <summary>What the peer sleeps on. Never 0 while the owner lives.</summary>
    public uint* Doorbell => (uint*)(_words + DoorbellOffset);

    /// <summary>1 once the owner has closed the connection on purpose.</summary>
    public ref uint Closed => ref *(uint*)(_words + ClosedOffset);

    /// <summary>1 once this end has cut the peer off: it reuses slots that the peer has not given back.</summary>
    public ref ulong Cut => ref *(ulong*)(_words + CutOffset);

    /// <param name="channel">The channel's name.</param>
    /// <param name="isObserver">Whether they are of a connection with an observer: the name of the region says so.</param>
    public static ControlWords Create(string channel, bool isObserver = false)
    {
        string name = $"typedshm:{channel}:{(isObserver ? "observer" : "control")}";
        ControlWords words = new(SharedRegion.Create(name, RegionKind.Control, default, null, Length, 0, 0));
        *words.Doorbell = 1;
        return words;
    }

    public static ControlWords Attach(SafeDescriptor file, long size) =>
        new(SharedRegion.Attach(file, Name, RegionKind.Control, size, null, Length, 0));

    public void Dispose() => _region.Dispose();
}
