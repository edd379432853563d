namespace TypedShm.Ends;

/// <summary>
/// Counts who is at work in some shared memory, so that it is given back when its owner has given it up and the last of them is done: by
/// whichever comes last. A mutable struct: keep it in a field.
/// </summary>
internal struct UseCount
{
    // The sign bit says that it was given up, the others count.
    private int _state;

    /// <summary>Begins a use.</summary>
    /// <returns>False if the memory was given up: it is not to be touched.</returns>
    public bool TryEnter()
    {
        int state = Volatile.Read(ref _state);
        while (state >= 0)
        {
            // A full fence, so nothing of the use comes before it; its partner is the exchange in Close.
            int seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
                return true;
            state = seen;
        }

        return false;
    }

    /// <summary>Ends a use.</summary>
    /// <returns>Whether the memory is to be given back now, by the caller.</returns>
    public bool Exit() => Interlocked.Decrement(ref _state) == int.MinValue;

    /// <summary>Gives the memory up: no use begins any more.</summary>
    /// <returns>Whether the memory is to be given back now, by the caller.</returns>
    public bool Close() => Interlocked.Or(ref _state, int.MinValue) == 0;
}
