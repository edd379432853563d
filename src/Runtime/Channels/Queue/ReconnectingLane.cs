using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>The writing end of a queue: its lane, which another one replaces if the reader has a successor.</summary>
internal sealed class ReconnectingLane<T>(ChannelEnd end, WaitSource source, WaitMode mode)
    where T : unmanaged, ISharedLayout<T>
{
    private LaneWriter<T>? _lane;
    private ulong _lost;

    public ChannelEnd End => end;

    public WaitSource Source => source;

    public WaitMode Mode => mode;

    public LaneWriter<T> Lane => _lane!;

    /// <summary>How many messages readers that are gone had not read.</summary>
    public ulong Lost => Volatile.Read(ref _lost);

    public void Use(LaneWriter<T> lane) => Volatile.Write(ref _lane, lane);

    /// <summary>The reader is gone; its words are still there.</summary>
    public void ReaderLeft(PeerGoneException reason, bool mayComeBack)
    {
        LaneWriter<T> lane = Lane;
        lane.Disconnect();
        Volatile.Write(ref _lost, _lost + lane.Written - lane.Head);
        if (mayComeBack)
            lane.Suspend();
        else
            lane.Close(reason);
    }

    /// <summary>Room for some messages.</summary>
    public readonly struct RoomCondition(ReconnectingLane<T> outbox, int count) : ICondition
    {
        // A full queue has a capacity's worth of messages to be read before anything is late.
        public static int SpinsPerPoll => 32;

        public PollResult Poll() => outbox.Lane.PollSpace(count);

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
