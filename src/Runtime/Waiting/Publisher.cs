using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>
/// The publishing side of the wait protocol: stores a word that peers wait for, and wakes those of them that sleep. One
/// thread publishes at a time; who listens can change at any time.
/// </summary>
/// <remarks>
/// <para>
/// The publisher stores the data's word, then loads <c>parked</c>; the parker (<see cref="Waiter.Park"/>) stores
/// <c>parked</c>, then loads the data's word. Each of the two needs a store-load fence in between, which neither x64 nor arm64 gives
/// by itself; then at least one of them sees the other's store: either the bell rings, or the parker does not go to sleep.
/// </para>
/// <para>
/// If every peer that may park can issue membarrier(2), and this process has registered for it, then the parker's barrier
/// is also this side's fence: it makes this processor's earlier stores visible, and whatever this one loads later sees
/// the parked word. All that is needed here is that the JIT keeps the store before the load, which a test reads off the machine code.
/// </para>
/// <para>
/// What is loaded first is the parked word of the only listener, or one that stands for none, or for all other cases: two loads that depend
/// on each other, where a list would be four. It only says whether to look at the listeners at all. With one that needs no fence it is the
/// look itself: a parked word that was not set by then is one whose parker will find the data. With several, or with a fence, it always
/// leads to the fence and to the looks at all of them. That word outlasts its link: the address of a connection's region is never used
/// again.
/// </para>
/// </remarks>
internal sealed unsafe class Publisher
{
    // Whether anybody is parked if nobody listens: never; and if several do, or one that needs a fence: to be looked up. On a line that
    // nobody writes.
    private static readonly uint* s_nobody = ConstantWord(0);
    private static readonly uint* s_lookUp = ConstantWord(uint.MaxValue);

    private Listener[] _listeners = [];

    // What Publish looks at.
    internal nint Watched = (nint)s_nobody;

    private bool _isFenced;
    private Announcer? _announcer;

    /// <summary>A publisher with one peer, for as long as a link lasts.</summary>
    public static Publisher To(Link link)
    {
        Publisher publisher = new() { IsFenced = link.PublishesFenced };
        publisher.Add(link);
        return publisher;
    }

    /// <summary>Whether somebody who may park needs a fence at each publication.</summary>
    /// <remarks>Set before that peer is welcomed, and then there must be a barrier on all processors of this process.</remarks>
    public bool IsFenced
    {
        get => Volatile.Read(ref _isFenced);
        set
        {
            Volatile.Write(ref _isFenced, value);
            Listen(_listeners);
        }
    }

    /// <summary>System calls made to wake peers that listen now.</summary>
    public long Wakes => _listeners.Sum(listener => listener.Bell.Wakes);

    /// <summary>Lets a peer be woken from now on, if it ever parks. Changes come from one thread at a time.</summary>
    /// <remarks>
    /// Between this and the moment when a peer may first park there must be a barrier on all processors of this process if
    /// another thread is publishing: what it publishes while it still loads the old list has then been stored.
    /// </remarks>
    public void Add(Link link)
    {
        if (link.PeerParks)
            Listen([.. _listeners, new Listener(link)]);
    }

    /// <summary>The peer is gone.</summary>
    public void Remove(Link link) => Listen([.. _listeners.Where(listener => listener.Bell.Link != link)]);

    /// <summary>Keeps what <see cref="Publishing"/> looks at in a field of an announcer too, from now on. Before it is used.</summary>
    internal void Tell(Announcer announcer)
    {
        _announcer = announcer;
        announcer.Watched = Watched;
    }

    private void Listen(Listener[] listeners)
    {
        // Release, both: the list, and the need of a fence, before the word that leads to them.
        Volatile.Write(ref _listeners, listeners);
        Volatile.Write(ref Watched, (nint)(listeners.Length switch
        {
            0 => s_nobody,
            1 when !_isFenced => listeners[0].Parked,
            _ => s_lookUp,
        }));
        if (_announcer is { } announcer)
            Volatile.Write(ref announcer.Watched, Watched);
    }

    // Compiled optimized from the start: with several listeners, or a fence, every publication comes here.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal void RingWhoIsParked()
    {
        // step: publish.fence. Store-load, between the store and the looks below; pairs with the fence in Waiter.Park.
        if (Volatile.Read(ref _isFenced))
            Interlocked.MemoryBarrier();
        foreach (Listener listener in _listeners)
        {
            // Acquire, as in Publish.
            uint parked = Volatile.Read(ref *listener.Parked);
            if (ParkedWord.IsParked(parked))
                listener.Bell.Ring(parked);
        }
    }

    private static uint* ConstantWord(uint value)
    {
        const int Line = 64;
        uint* word = (uint*)NativeMemory.AlignedAlloc(Line, Line);
        *word = value;
        return word;
    }

    private readonly struct Listener(Link link)
    {
        public readonly uint* Parked = link.Peer.Parked;
        public readonly Doorbell Bell = new(link);
    }
}

/// <summary>
/// What publishes one word after the other through a publisher that is its alone, and has the address of the word to look at in a field of
/// its own: a load less for each message.
/// </summary>
internal abstract class Announcer
{
    internal nint Watched;

    protected Announcer(Publisher publisher)
    {
        Publisher = publisher;
        publisher.Tell(this);
    }

    internal Publisher Publisher { get; }
}

/// <summary>Publishing itself. Apart, since a static method does not look whether there is a publisher before it stores.</summary>
internal static unsafe class Publishing
{
    /// <summary>
    /// Stores a word with release semantics, so that all that was written before it is visible with it, and wakes who waits for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish(this Publisher publisher, ref ulong word, ulong value)
    {
        // step: publish.store. Release: pairs with the acquiring load of whoever reads the data.
        Volatile.Write(ref word, value);
        CrashPoint.Reach(CrashStep.PublishStored);

        // step: publish.look. Acquire: what follows a parking that was seen must not be done before it. Which word it is was stored after
        // the list and the need of a fence, which are loaded after it; and it is loaded after the store, see Publisher.IsFenced.
        if (ParkedWord.IsParked(Volatile.Read(ref *(uint*)Volatile.Read(ref publisher.Watched))))
            publisher.RingWhoIsParked();
    }

    /// <inheritdoc cref="Publish(Publisher, ref ulong, ulong)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish(this Announcer announcer, ref ulong word, ulong value)
    {
        // step: publish.store. As above.
        Volatile.Write(ref word, value);
        announcer.Announce();
    }

    /// <summary>What follows the store of <see cref="Publish(Announcer, ref ulong, ulong)"/>: wakes who waits for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Announce(this Announcer announcer)
    {
        CrashPoint.Reach(CrashStep.PublishStored);

        // step: publish.look. As above.
        if (ParkedWord.IsParked(Volatile.Read(ref *(uint*)Volatile.Read(ref announcer.Watched))))
            announcer.Publisher.RingWhoIsParked();
    }
}
