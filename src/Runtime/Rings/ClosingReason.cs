using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace TypedShm.Rings;

/// <summary>
/// Whether a writer may still write, and if not, why: it was completed, disposed, or its reader is gone or broke the protocol. Any
/// thread.
/// </summary>
internal struct ClosingReason
{
    private Exception? _reason;

    public readonly bool IsClosed => Volatile.Read(in _reason) is not null;

    /// <summary>What the peer did that the protocol does not allow.</summary>
    public readonly ProtocolException? Fault => Volatile.Read(in _reason) as ProtocolException;

    /// <summary>Says why. The first reason stays, unless this end is disposed.</summary>
    /// <returns>Whether it is the reason now. A full fence in any case.</returns>
    public bool TrySet(Exception reason) => reason is ObjectDisposedException
        ? Interlocked.Exchange(ref _reason, reason) is not ObjectDisposedException
        : Interlocked.CompareExchange(ref _reason, reason, null) is null;

    /// <summary>For who must write: throws whatever it was closed for.</summary>
    public readonly void ThrowIfClosed()
    {
        if (Volatile.Read(in _reason) is { } reason)
            Throw(reason);
    }

    /// <summary>For who only tries: to have completed is no error, everything else is.</summary>
    public readonly void ThrowIfFailed()
    {
        if (Volatile.Read(in _reason) is { } reason and not ChannelClosedException)
            Throw(reason);
    }

    /// <summary>
    /// For who waits for room and will never have it: false if it was completed without an error, otherwise throws why it was closed.
    /// </summary>
    public readonly bool FalseIfCompleted()
    {
        if (Volatile.Read(in _reason) is not ChannelClosedException completed)
            ThrowIfClosed();
        else if (completed.InnerException is { } error)
            throw error;
        return false;
    }

    // An exception that was thrown before must not be thrown again as the same object: its stack trace would grow.
    [DoesNotReturn]
    private static void Throw(Exception reason) => throw reason switch
    {
        SharedMemoryException error => error.CloneForRethrow(),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        Exception other => new ChannelClosedException(other.Message, other.InnerException),
    };
}
