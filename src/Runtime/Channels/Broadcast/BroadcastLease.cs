using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// A message of a broadcast, read in place. The writer may overwrite it meanwhile, in a lossless broadcast only if it cuts this reader
/// off: what was read counts only if <see cref="IsIntact"/> is true afterwards. One lease of a reader is open at a time.
/// </summary>
/// <remarks>
/// A message counts as lost if the last answer of <see cref="IsIntact"/> was no, or, where it was never asked, if it is no longer intact
/// when its lease is disposed.
/// </remarks>
/// <example>
/// <code>
/// while (reader.TryLease(out BroadcastLease&lt;Frame&gt; lease))
/// {
///     using (lease)
///     {
///         double brightness = Average(lease.Payload);
///         if (lease.IsIntact)
///             Show(brightness);
///     }
/// }
/// </code>
/// </example>
// Without IsIntact: to ask it is what decides whether the message counts as received.
[DebuggerDisplay("{Value}")]
public readonly ref struct BroadcastLease<T> : IReadOnlySharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly BroadcastInbox<T> _inbox;
    private readonly RingReader<T> _ring;
    private readonly ulong _message;
    private readonly ReadOnlySpan<byte> _payload;

    internal BroadcastLease(BroadcastInbox<T> inbox, RingReader<T> ring, ReadOnlySpan<byte> payload)
    {
        _inbox = inbox;
        _ring = ring;
        _message = ring.Next;
        _payload = payload;
        ring.OpenLease();
    }

    /// <summary>The message, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">
    /// The lease was disposed; or there is only a copy, see <see cref="SharedMessageReader{T}.IsByReference"/>.
    /// </exception>
    public ref readonly T Value
    {
        get
        {
            ThrowIfOver();
            return ref _ring.ReferenceTo(_message);
        }
    }

    /// <summary>The payload, in shared memory; empty if it has none.</summary>
    /// <exception cref="InvalidOperationException">The lease was disposed.</exception>
    public ReadOnlySpan<byte> Payload
    {
        get
        {
            ThrowIfOver();
            return _payload;
        }
    }

    /// <summary>The number of the message: 0 for the first that the writer wrote.</summary>
    public long Number => (long)_message;

    /// <summary>When it was published, by <see cref="Stopwatch.GetTimestamp"/>, whose clock all processes share.</summary>
    /// <exception cref="InvalidOperationException">The broadcast was created without <see cref="MessageOptions.PublishTimes"/>.</exception>
    public long PublishedAt => _ring.Slots.TimeOf(_message);

    /// <summary>How long ago it was published.</summary>
    /// <inheritdoc cref="PublishedAt" path="/exception"/>
    public TimeSpan Age => Stopwatch.GetElapsedTime(PublishedAt);

    /// <summary>Whether all that was read until now was of this message. Only what was read before counts: ask it last.</summary>
    public bool IsIntact => _ring.AskLease(_message);

    /// <summary>The payload as elements of a type; bytes that do not make up a whole one are left out.</summary>
    /// <exception cref="InvalidOperationException">The lease was disposed, or the payload is not aligned for the type.</exception>
    public ReadOnlySpan<TElement> PayloadAs<TElement>()
        where TElement : unmanaged => Channels.Payload.As<TElement>(Payload);

    /// <summary>Goes on to the next message.</summary>
    public void Dispose()
    {
        if (_ring is null || _ring.Next != _message)
            return;
        _ring.PassLease(_message);
        _inbox.Exit();
    }

    private void ThrowIfOver()
    {
        if (_ring.Next != _message)
            throw new InvalidOperationException("The lease is over: it was disposed. Take the next one.");
    }
}
