using System.Runtime.CompilerServices;
using TypedShm.Interop;

namespace TypedShm.Rings;

/// <content>Messages that are read in place.</content>
internal sealed unsafe partial class RingReader<T>
{
    /// <summary>A message, in its slot.</summary>
    /// <exception cref="InvalidOperationException">The writer's struct is shorter than <typeparamref name="T"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T ReferenceTo(ulong message)
    {
        if (!Compatibility.IsByReference)
            Compatibility.ThrowNoReference();
        return ref _slots.ValueOf(message);
    }

    /// <summary>The next message is going to be read in place.</summary>
    public void OpenLease()
    {
        CrashPoint.Reach(CrashStep.RingLeased);
        _answer = null;
    }

    /// <summary>As <see cref="IsIntact(ulong)"/>, for the open lease: the answer decides whether the message counts as received.</summary>
    public bool AskLease(ulong message)
    {
        bool intact = IsIntact(message);
        if (message == _next)
            _answer = intact;
        return intact;
    }

    /// <summary>
    /// Goes on after a message that was read in place. Whether it was lost is what its reader was told last: what happens to it after
    /// that is no loss. Who never asked is taken to have read until now.
    /// </summary>
    public void PassLease(ulong message)
    {
        if (!(_answer ?? IsIntact(message)))
            Volatile.Write(ref _lost, _lost + 1);
        TryAdvance(message);
    }
}
