using TypedShm.Interop;

namespace TypedShm.CrashSweep.Driving;

/// <summary>What the documentation promises to whoever survives a process that ends at a step.</summary>
internal static class Outcomes
{
    /// <summary>Whether what the victim was writing never existed.</summary>
    public static bool IsUncommitted(CrashStep step) => step is CrashStep.SlotFilled or CrashStep.BatchFilled or CrashStep.BatchHalf
        or CrashStep.StateOdd or CrashStep.StateFilled or CrashStep.StateEven
        or CrashStep.RingOdd or CrashStep.RingFilled or CrashStep.RingBatchOdd or CrashStep.RingBatchHalf;

    /// <summary>Whether what the victim was writing is there.</summary>
    public static bool IsCommitted(CrashStep step) =>
        step is CrashStep.SlotCommitted or CrashStep.BatchCommitted or CrashStep.RingCommitted or CrashStep.RingCounted;

    /// <summary>The promise, in words.</summary>
    public static string Of(CrashStep step) => step switch
    {
        CrashStep.NameLocked => "the kernel frees the lock; the next creator takes the name",
        CrashStep.NameBound => "as before; the next creator removes the socket under the temporary name",
        CrashStep.NameTaken => "as before; the next creator renames its socket over this one",
        CrashStep.HelloSent or CrashStep.WelcomeReceived or CrashStep.RegionsMapped or CrashStep.AttachSent
            => "nobody has come; the hang-up frees what was made for the client",
        CrashStep.ReadyReceived => "a peer that came and has gone",
        CrashStep.HelloReceived or CrashStep.WelcomeSent or CrashStep.AttachReceived or CrashStep.PeerVisible
            => "the client tries on, and connects to the next creator",
        CrashStep.FenceWanted => "the same",
        CrashStep.ReadySent or CrashStep.PeerStarted => "a creator that was there and has gone",
        CrashStep.PublishStored => "what was published is read; who sleeps is woken by the hang-up",
        CrashStep.BellChanged => "the same; who was about to sleep does not",
        CrashStep.BellRung => "what was published is read",
        CrashStep.ParkAnnounced or CrashStep.ParkSleeping or CrashStep.ParkWoken => "a stale parking: at most one wake in vain",
        CrashStep.SlotFilled => "the message never existed",
        CrashStep.SlotCommitted => "the message is read",
        CrashStep.BatchFilled or CrashStep.BatchHalf => "no message of the batch ever existed",
        CrashStep.BatchCommitted => "all messages of the batch are read",
        CrashStep.SlotRead => "the writer learns that the message was not given back",
        CrashStep.SlotReleased => "the writer learns that it was",
        CrashStep.SlotDelivered => "the next reader gets the message, and is told that it may have come before",
        CrashStep.HeldReleased => "the writer learns that the message was not given back",
        CrashStep.CountStored => "all messages are read; then the writer is gone without having completed",
        CrashStep.CallTaken or CrashStep.CallHandled or CrashStep.CallGivenBack => "the call fails; it may have been carried out",
        CrashStep.CancelSent => "the server is told once; the client is gone",
        CrashStep.StateOdd or CrashStep.StateFilled or CrashStep.StateEven => "the last value that was published",
        CrashStep.StateCopied => "nothing: readers write nothing",
        CrashStep.TableFilled => "the element's last value",
        CrashStep.TableWord or CrashStep.TableLevels => "the element's new value; its change may be unannounced",
        CrashStep.TableCopied => "nothing: readers write nothing",
        CrashStep.RingOdd or CrashStep.RingFilled =>
            "all messages before; the one that was overwritten counts as lost to who had not read it",
        CrashStep.RingCommitted or CrashStep.RingCounted => "the message is read",
        CrashStep.RingBatchOdd or CrashStep.RingBatchHalf => "no message of the batch ever existed",
        CrashStep.RingCopied or CrashStep.RingLeased => "nothing; if lossless, the writer waits for this reader no more",
        CrashStep.RingRead => "the same",
        CrashStep.GateAdded => "a creator that has gone",
        CrashStep.CutStored => "the reader that was to be cut off finds either that or a writer that is gone",
        CrashStep.CloseStored => "an end that closed on purpose",
        CrashStep.LinkOver or CrashStep.EndRevoked => "an end that has gone",
        CrashStep.SessionReplaced => "a peer that came back and has gone",
        _ => throw new InvalidOperationException($"Nothing is promised for {step}: say what in {nameof(Outcomes)}."),
    };
}
