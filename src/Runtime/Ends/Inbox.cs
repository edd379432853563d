using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>
/// The reading end of a channel of messages: who reads, how a read waits, and what the channel ended with. A reader enters the waiting
/// reads only after a first try of its own has found nothing.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
/// <typeparam name="TCondition">
/// What a wait polls: whether a message is there, or the end. A struct, so that a poll is no virtual call.
/// </typeparam>
/// <param name="end">The end that it belongs to.</param>
/// <param name="source">What its waits are woken by.</param>
/// <param name="mode">How it waits.</param>
/// <param name="isExact">Whether two threads at once are always noticed.</param>
/// <param name="channel">What the channel is called in exceptions.</param>
/// <param name="oneReader">What to do about two threads, as the end of a sentence.</param>
internal abstract class Inbox<T, TCondition>(
    ChannelEnd end, WaitSource source, WaitMode mode, bool isExact, string channel, string oneReader) : IInbox<T>
    where T : unmanaged, ISharedLayout<T>
    where TCondition : struct, ICondition
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SharedMemoryException? _error;

    /// <summary>Who reads.</summary>
    protected ExclusiveUse Access = new(isExact);

    public WaitSource Source => source;

    public WaitMode Mode => mode;

    public Task Completion => _completion.Task;

    /// <summary>The end that it belongs to.</summary>
    protected ChannelEnd End => end;

    public abstract int Count { get; }

    public abstract bool IsByReference { get; }

    public abstract bool Has(string field);

    public abstract bool TryPeek(out T message);

    public abstract bool TryRead(out T message, Span<byte> payload, out int length);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryReadLater(out T message, Deadline deadline, CancellationToken cancellationToken)
    {
        do
        {
            if (!WaitForMessage(deadline, cancellationToken))
            {
                message = default;
                return false;
            }
        }
        while (!TryReadNext(out message));
        return true;
    }

    /// <summary>Reads a message that came while the caller waited.</summary>
    /// <exception cref="ChannelClosedException">The channel is complete.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public T ReadLater(CancellationToken cancellationToken)
    {
        T message;
        do
            WaitOrThrow(cancellationToken);
        while (!TryReadNext(out message));
        return message;
    }

    /// <summary>As <see cref="ReadLater"/>, but occupies no thread.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> ReadLaterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            WaitOutcome outcome = await Wait.ForAsync(Condition(), source.Alone, mode, Deadline.Never, cancellationToken)
                .ConfigureAwait(false);
            if (TryReadNext(out T message))
                return message;
            if (outcome == WaitOutcome.Completed)
                ThrowEnd();
        }
    }

    public bool WaitForMessage(Deadline deadline, CancellationToken cancellationToken) => IsReady(WaitFor(deadline, cancellationToken));

    public void WaitOrThrow(CancellationToken cancellationToken)
    {
        if (WaitFor(Deadline.Never, cancellationToken) == WaitOutcome.Completed)
            ThrowEnd();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitForMessageAsync(Deadline deadline, CancellationToken cancellationToken) =>
        IsReady(await Wait.ForAsync(Condition(), source.Alone, mode, deadline, cancellationToken).ConfigureAwait(false));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitOrThrowAsync(CancellationToken cancellationToken)
    {
        if (await Wait.ForAsync(Condition(), source.Alone, mode, Deadline.Never, cancellationToken)
            .ConfigureAwait(false) == WaitOutcome.Completed)
            ThrowEnd();
    }

    public PollResult Poll() => Condition().Poll();

    /// <summary>
    /// Lets nobody read any more, and gives the memory up once a lease that is open is over, and each message that is held was given
    /// back.
    /// </summary>
    public void Close()
    {
        // step: inbox.close. First: a user who leaves once Attention is set gives the memory up, and must not come back by another way.
        OnClosing();
        if (Access.Close())
            DisposeMemory();
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit()
    {
        Volatile.Write(ref Access.InUse, false);
        if (Volatile.Read(ref Access.Attention) != 0)
            ExitChecked();
    }

    /// <summary>What the reading end itself does when it is asked for a message.</summary>
    protected abstract bool TryReadNext(out T message);

    protected abstract TCondition Condition();

    /// <summary>
    /// This end is being closed: what reads look at instead of <see cref="ExclusiveUse.Attention"/>, if there is such a thing, is to lead
    /// them there from now on.
    /// </summary>
    protected virtual void OnClosing()
    {
    }

    /// <summary>Gives up all memory but that of messages that are held. Any thread, any number of times.</summary>
    protected abstract void DisposeMemory();

    /// <summary>Begins a read, or a lease: until <see cref="Exit"/> nobody else reads, and the memory stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Enter()
    {
        // See ExclusiveUse.TryEnter.
        if (Access.InUse)
            ThrowUnlessExact();
        Volatile.Write(ref Access.InUse, true);
        EnterAttentive();
    }

    /// <summary>The rest of <see cref="Enter"/>, for a reader that has set <c>InUse</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void EnterAttentive()
    {
        if (Volatile.Read(ref Access.Attention) != 0)
            EnterChecked();
    }

    /// <summary>For a reader that has found <c>InUse</c> set, and goes on to <see cref="EnterAttentive"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected void ThrowUnlessExact()
    {
        if (!Access.IsExact)
            ThrowCannotEnter();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterChecked()
    {
        if (!Access.TryEnterChecked())
            ThrowCannotEnter();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExitChecked()
    {
        if (Access.ExitChecked())
            DisposeMemory();
    }

    /// <summary>Everything was read, and nothing will come any more.</summary>
    /// <param name="error">What the channel ended with; null for a good end.</param>
    protected void Complete(SharedMemoryException? error)
    {
        _error = error;
        if (error is null)
            _completion.TrySetResult();
        else
            _completion.TrySetException(error);
    }

    private WaitOutcome WaitFor(Deadline deadline, CancellationToken cancellationToken)
    {
        TCondition condition = Condition();
        return Wait.For(ref condition, source.Alone, mode, deadline, cancellationToken);
    }

    private bool IsReady(WaitOutcome outcome) => outcome switch
    {
        WaitOutcome.Ready => true,
        WaitOutcome.Completed => ThrowIfFaulted(),
        _ => false,
    };

    /// <summary>What a wait that found the end means: throws what the channel ended with.</summary>
    /// <returns>False: it is complete.</returns>
    private bool ThrowIfFaulted()
    {
        end.ThrowIfDisposed();
        return _error is null ? false : throw _error.CloneForRethrow();
    }

    [DoesNotReturn]
    private void ThrowEnd()
    {
        end.ThrowIfDisposed();
        throw new ChannelClosedException($"The {channel} is complete: there will be no more messages.", _error);
    }

    [DoesNotReturn]
    private void ThrowCannotEnter()
    {
        if (Access.IsFinished)
            DisposeMemory();
        end.ThrowIfDisposed();
        throw new InvalidOperationException(
            $"A lease or batch of this reader is still open, or another thread is using it. Dispose the lease first; {oneReader}.");
    }
}
