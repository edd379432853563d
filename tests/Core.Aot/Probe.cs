using System.Runtime.CompilerServices;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Core.Aot;

/// <summary>Methods whose machine code is read by <c>run</c>: publish and park as they are, and one that is wrong.</summary>
internal static unsafe class Probe
{
    private static ulong s_word;
    private static uint s_parked;

    /// <summary>Runs each of them, so that the JIT compiles it.</summary>
    public static void Run()
    {
        (PairLink owner, PairLink client) = PairLink.Create("probe", PeerRole.Reader, WaitAbilities.Parks, WaitAbilities.Parks);
        s_parked = *owner.Peer.Parked;

        // A publisher that fences comes to look at who is parked.
        Publisher publisher = Publisher.To(owner);
        publisher.IsFenced = true;
        Publish(publisher, ref s_word, 1);
        Park(ThreadWaiter.OfThisThread, new WordCondition());
        LookBeforeStore(ref s_word, 3);
        owner.Dispose();
        client.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Publish(Publisher publisher, ref ulong word, ulong value) => publisher.Publish(ref word, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PollResult Park(Waiter waiter, WordCondition condition) => waiter.Park(ref condition);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool LookBeforeStore(ref ulong word, ulong value)
    {
        uint parked = Volatile.Read(ref s_parked);
        Volatile.Write(ref word, value);
        return ParkedWord.IsParked(parked);
    }

    /// <summary>Something to look at.</summary>
    internal readonly struct WordCondition : ICondition
    {
        public PollResult Poll() => Volatile.Read(ref s_word) == 0 ? PollResult.Pending : PollResult.Ready;

        public bool MayBeReady() => Volatile.Read(ref s_word) != 0;
    }
}
