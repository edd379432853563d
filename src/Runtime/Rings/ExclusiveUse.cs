using System.Runtime.CompilerServices;

namespace TypedShm.Rings;

/// <summary>
/// Lets one user at a time into an end: a read or a write that is going on, or a claim or a lease that is open. Closed from any thread,
/// it lets in nobody any more, and says when the last one has left: only then may the memory go that is used.
/// </summary>
/// <remarks>
/// <para>
/// Users are of one thread at a time, so what they say to each other needs no interlocked instruction. Two threads that break the rule
/// are noticed unless the second one looks before the store of the first has left its store buffer: nearly always, not always. An exact
/// check costs an interlocked instruction for each use, which waits until all stores before it, of messages among others, have found
/// their cache lines: <see cref="ChannelOptions.ExactThreadCheck"/>.
/// </para>
/// <para>
/// The user stores <see cref="InUse"/> (or, where the check is exact, <c>_users</c>), then loads <see cref="Attention"/>; whoever closes
/// stores <see cref="Attention"/>, then loads the other. Each needs a store-load fence in between; then at least one of them sees the
/// other. The barrier in <see cref="Close"/> is a fence for all threads of the process, so the user needs none, but that the JIT keeps its
/// two accesses in order, which it does with volatile ones.
/// </para>
/// </remarks>
internal struct ExclusiveUse
{
    // Bits of Attention.
    private const int Exact = 1;
    private const int Closed = 2;

    // Public for the hot paths, which use them in the steps of TryEnter and Exit: a method of a struct that is inlined is given its address
    // first, which takes two instructions.
    public bool InUse;
    public int Attention;

    // Of an exact check: what InUse means is decided here.
    private int _users;

    public ExclusiveUse(bool isExact) => Attention = isExact ? Exact : 0;

    /// <summary>Whether it was closed, and the last user has left.</summary>
    public readonly bool IsFinished
    {
        get
        {
            int attention = Volatile.Read(in Attention);
            return (attention & Closed) != 0 && ((attention & Exact) != 0 ? Volatile.Read(in _users) == 0 : !Volatile.Read(in InUse));
        }
    }

    /// <summary>Whether two users at once are always noticed. <see cref="InUse"/> may be a leftover then.</summary>
    public readonly bool IsExact => (Volatile.Read(in Attention) & Exact) != 0;

    /// <summary>Begins a use.</summary>
    /// <returns>False if somebody is in, or it was closed; then <see cref="IsFinished"/> is to be asked.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter()
    {
        if (InUse)
            return TryEnterInUse();

        // step: exclusive.enter
        Volatile.Write(ref InUse, true);

        // step: exclusive.look. After the store, see the remarks.
        return Volatile.Read(ref Attention) == 0 || TryEnterChecked();
    }

    /// <summary>Ends a use.</summary>
    /// <returns>Whether it was the last one, so that it is for the caller to give the memory up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Exit()
    {
        // step: exclusive.leave. Release: what was done with the memory is done before it can go.
        Volatile.Write(ref InUse, false);

        // step: exclusive.last. After the store, as in TryEnter.
        return Volatile.Read(ref Attention) != 0 && ExitChecked();
    }

    /// <summary>Lets nobody in from now on. Any thread, any number of times; never waits.</summary>
    /// <returns>Whether nobody is in, so that it is for the caller to give the memory up.</returns>
    public bool Close()
    {
        // step: exclusive.close
        Interlocked.Or(ref Attention, Closed);

        // step: exclusive.barrier. Pairs with the order of the two accesses in TryEnter and Exit.
        Interlocked.MemoryBarrierProcessWide();
        return IsFinished;
    }

    /// <summary>The rest of <see cref="TryEnter"/> if <see cref="InUse"/> was set.</summary>
    // With an exact check, it may be a leftover of a thread that was turned away.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryEnterInUse() => IsExact && TryEnterChecked();

    /// <summary>The rest of <see cref="TryEnter"/> if <see cref="Attention"/> was found set.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryEnterChecked()
    {
        int attention = Volatile.Read(ref Attention);
        if ((attention & Exact) != 0)
        {
            // step: exclusive.exact
            if (Interlocked.CompareExchange(ref _users, 1, 0) != 0)
                return false;
            Volatile.Write(ref InUse, true);
            attention = Volatile.Read(ref Attention);
        }

        if ((attention & Closed) == 0)
            return true;
        ExitChecked();
        return false;
    }

    /// <summary>The rest of <see cref="Exit"/> if <see cref="Attention"/> was found set.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool ExitChecked()
    {
        Volatile.Write(ref InUse, false);
        if (IsExact)
            Volatile.Write(ref _users, 0);
        return IsFinished;
    }
}
