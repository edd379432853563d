using System.Runtime.CompilerServices;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Waiting;

/// <summary>
/// Somebody who waits: the parking side of the wait protocol, over any number of links. See <see cref="Publisher"/> for
/// the other side and for the argument.
/// </summary>
internal abstract unsafe class Waiter
{
    // If a barrier fails in a direction whose publisher does not fence, a wake can be lost: then nobody sleeps for longer.
    private const int SliceWithoutBarrier = 1;

    // Each look at a connection is a system call; with many of them they take turns.
    private const int LinksPerLook = 8;

    private readonly uint* _interrupts;
    private readonly uint[] _memory = GC.AllocateArray<uint>(1, pinned: true);
    private Parking[] _links = [];
    private uint[] _bells = [];
    private int _version = -1;
    private int _nextLook;
    private bool _needsBarrier;

    protected Waiter() => _interrupts = (uint*)Unsafe.AsPointer(ref _memory[0]);

    /// <summary>The word of this waiter that its own process changes to wake it.</summary>
    protected uint* Interrupts => _interrupts;

    /// <summary>The value of <see cref="Interrupts"/> when the last parking began.</summary>
    protected uint SeenInterrupts { get; private set; }

    protected int LinkCount { get; private set; }

    /// <summary>Whether the bells are bytes on sockets, which come as interrupts, instead of words.</summary>
    protected bool OnSocket { get; private set; }

    /// <summary>How long a sleep may be after the last parking, in milliseconds.</summary>
    protected int Slice { get; private set; }

    /// <summary>True if an interrupt came since then.</summary>
    protected bool WasInterrupted => Volatile.Read(ref *_interrupts) != SeenInterrupts;

    /// <summary>
    /// Makes the waiter poll again: it does not sleep on, or does not go to sleep. Never blocks, so it may be called under a lock.
    /// </summary>
    /// <returns>The number of the interrupt, for <see cref="RepeatUntilAwake"/>.</returns>
    public abstract uint Interrupt();

    /// <summary>Whether an interrupt has to be completed: asked after it.</summary>
    public virtual bool IsAsleep => false;

    /// <summary>
    /// Completes an interrupt: when it returns, the waiter does not sleep on a word that was there before. Not to be called under a lock
    /// that the waiter may want before it wakes up.
    /// </summary>
    /// <param name="interrupt">What <see cref="Interrupt"/> returned.</param>
    public virtual void RepeatUntilAwake(uint interrupt)
    {
    }

    /// <summary><see cref="Interrupt"/>, completed.</summary>
    public void InterruptAndAwake() => RepeatUntilAwake(Interrupt());

    /// <summary>Registers at every link of the sources, if they are not the same as before.</summary>
    public void Register(WaitSource[] sources)
    {
        // step: park.interrupts. Loaded before everything that an interrupt can announce, new links included. Acquire, for that.
        SeenInterrupts = Volatile.Read(ref *_interrupts);
        int version = 0;
        foreach (WaitSource source in sources)
            version += source.Version;
        if (version == _version)
            return;

        Unregister();
        foreach (WaitSource source in sources)
        {
            foreach (Parking parking in source.Links)
                Append(parking);
        }

        _version = version;
        OnSocket = SleepsOnSocket(LinkCount);
        _needsBarrier = false;
        for (int i = 0; i < LinkCount; i++)
        {
            _links[i].AddWaiter(OnSocket);
            _needsBarrier |= _links[i].Link.ParksWithBarrier;
        }
    }

    /// <summary>Unregisters from all links.</summary>
    public void Unregister()
    {
        for (int i = 0; i < LinkCount; i++)
        {
            CrashPoint.Reach(CrashStep.ParkWoken);
            // step: park.leave
            _links[i].RemoveWaiter(OnSocket);
            _links[i] = null!;
        }

        LinkCount = 0;
        _version = -1;
    }

    /// <summary>
    /// Announces a parking at every link, and polls once more. Only if that finds nothing may the waiter sleep, and only while bells and
    /// interrupts have the values that were loaded here.
    /// </summary>
    public PollResult Park<TCondition>(ref TCondition condition)
        where TCondition : struct, ICondition
    {
        for (int i = 0; i < LinkCount; i++)
        {
            // step: park.bell. Loaded before the parking is announced: whoever answers it changes the bell afterwards. Acquire,
            // so that the store below is not done first.
            _bells[i] = Volatile.Read(ref *_links[i].Bell);

            // step: park.announce
            _links[i].Announce();
        }
        CrashPoint.Reach(CrashStep.ParkAnnounced);

        // step: park.fence. Store-load; pairs with the fence in Publisher.Publish, or stands for it.
        Slice = int.MaxValue;
        if (_needsBarrier && !Native.TryBarrierEverywhere())
            Slice = SliceWithoutBarrier;
        Interlocked.MemoryBarrier();

        // step: park.look
        return condition.Poll();
    }

    /// <summary>
    /// Asks the kernel about the connections, so that a death is noticed without any other thread's help, and ends those whose
    /// peer is gone.
    /// </summary>
    public void CheckPeersAlive()
    {
        for (int i = Math.Min(LinkCount, LinksPerLook); i > 0; i--)
        {
            _nextLook = (_nextLook + 1) % LinkCount;
            Link link = _links[_nextLook].Link;
            if (link.HasHungUp)
                link.OnPeerHungUp();
        }
    }

    /// <summary>Whether to be woken by bytes on sockets.</summary>
    protected abstract bool SleepsOnSocket(int links);

    /// <summary>The bell of a link, and its value at the last parking.</summary>
    protected uint* Bell(int link, out uint value)
    {
        value = _bells[link];
        return _links[link].Bell;
    }

    private void Append(Parking parking)
    {
        if (LinkCount == _links.Length)
        {
            Array.Resize(ref _links, Math.Max(4, 2 * LinkCount));
            Array.Resize(ref _bells, _links.Length);
        }

        _links[LinkCount++] = parking;
    }
}
