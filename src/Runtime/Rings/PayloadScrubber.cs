
namespace TypedShm.Rings;

/// <summary>
/// What earlier messages, and claims that were given up, have left in the slots behind the payloads of later ones. Once a process of
/// another user maps them, every commit clears that: such a peer sees what is written for it, and nothing older.
/// </summary>
/// <remarks>
/// How much there is to clear is kept for each slot, so that a short message costs no more than the length of the longest before it. Made
/// on any thread, used by the writer's. What a slot held before is not known then: its first commit clears all of it, which covers also a
/// claim that was open.
/// </remarks>
internal sealed unsafe class PayloadScrubber
{
    private readonly int[] _used;

    public PayloadScrubber(SharedRegion region)
    {
        _used = new int[region.Header.Count];
        Array.Fill(_used, int.MaxValue);
    }

    /// <summary>Somebody may fill in so many bytes of a slot's payload.</summary>
    public void NoteWritten(int slot, int length) => _used[slot] = Math.Max(_used[slot], length);

    /// <summary>A message is about to be committed.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="payload">The slot's payload.</param>
    /// <param name="length">The length of the message's.</param>
    /// <param name="room">The most that may have been filled in.</param>
    public void Scrub(int slot, byte* payload, int length, int room)
    {
        int used = Math.Min(_used[slot], room);
        if (used > length)
            new Span<byte>(payload + length, used - length).Clear();
        _used[slot] = length;
    }
}
