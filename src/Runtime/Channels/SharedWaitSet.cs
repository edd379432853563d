using System.Diagnostics;
using System.Runtime.CompilerServices;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm;

/// <summary>
/// An end of a channel that can be waited for together with others, in a <see cref="SharedWaitSet"/>. Implemented by the readers of this
/// library only.
/// </summary>
public interface ISharedWaitable
{
    /// <summary>What its waits are woken by.</summary>
    internal WaitSource WaitSource { get; }

    /// <summary>How it was created or opened to wait.</summary>
    internal WaitMode WaitMode { get; }

    /// <summary>Whether a read would find something, or the end of everything.</summary>
    internal PollResult Poll();
}

/// <summary>
/// Waits until one of several channels has something to read: one sleep for all of them, however many processes are
/// behind them.
/// </summary>
/// <remarks>
/// Any number of threads and tasks may wait at once. A thread sleeps on up to 127 connections at once with futex_waitv
/// (Linux 5.16); with more, or on an older kernel, it is woken through their sockets.
/// </remarks>
/// <example>
/// <code>
/// SharedWaitSet all = new(quotes, orders);
/// while (true)
/// {
///     if (all.WaitAny() == 0)
///         Read(quotes);
///     else
///         Read(orders);
/// }
/// </code>
/// </example>
[DebuggerDisplay("{_channels.Length} channels")]
public sealed class SharedWaitSet
{
    private readonly ISharedWaitable[] _channels;
    private readonly WaitSource[] _sources;
    private readonly WaitMode _mode;

    /// <summary>Makes a set. It owns nothing: the channels stay the caller's to dispose.</summary>
    public SharedWaitSet(params ReadOnlySpan<ISharedWaitable> channels)
    {
        if (channels.IsEmpty)
            throw new ArgumentException("There is nothing to wait for: a wait set needs at least one channel.", nameof(channels));
        foreach (ISharedWaitable channel in channels)
            ArgumentNullException.ThrowIfNull(channel, nameof(channels));
        _channels = [.. channels];
        _sources = [.. _channels.Select(channel => channel.WaitSource)];

        // The peer of an end that only spins rings no bell.
        _mode = _channels.Any(channel => channel.WaitMode == WaitMode.Spin) ? WaitMode.Spin
            : _channels.All(channel => channel.WaitMode == WaitMode.Park) ? WaitMode.Park
            : WaitMode.SpinThenPark;
    }

    /// <summary>Waits on this thread until a channel has something to read, or has come to its end, or was disposed.</summary>
    /// <returns>The index of the first such channel, in the order in which they were given.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public int WaitAny(CancellationToken cancellationToken = default) => FirstReady(WaitFor(Deadline.Never, cancellationToken))!.Value;

    /// <summary>As <see cref="WaitAny"/>, but not longer than a given time.</summary>
    /// <param name="index">The index of the first such channel, in the order in which they were given; -1 if the time passed.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns><see langword="false"/> if the time passed.</returns>
    /// <inheritdoc cref="WaitAny" path="/exception"/>
    public bool TryWaitAny(out int index, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        int? ready = FirstReady(WaitFor(Deadline.After(timeout), cancellationToken));
        index = ready ?? -1;
        return ready is not null;
    }

    /// <summary>As <see cref="WaitAny"/>, but occupies no thread.</summary>
    /// <inheritdoc cref="WaitAny"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> WaitAnyAsync(CancellationToken cancellationToken = default) =>
        FirstReady(await WaitForAsync(Deadline.Never, cancellationToken).ConfigureAwait(false))!.Value;

    /// <summary>As <see cref="TryWaitAny"/>, but occupies no thread.</summary>
    /// <returns>The index; <see langword="null"/> if the time passed.</returns>
    /// <inheritdoc cref="WaitAny" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int?> TryWaitAnyAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        FirstReady(await WaitForAsync(Deadline.After(timeout), cancellationToken).ConfigureAwait(false));

    private WaitOutcome WaitFor(Deadline deadline, CancellationToken cancellationToken)
    {
        AnyCondition condition = new(_channels);
        return Wait.For(ref condition, _sources, _mode, deadline, cancellationToken);
    }

    private ValueTask<WaitOutcome> WaitForAsync(Deadline deadline, CancellationToken cancellationToken) =>
        Wait.ForAsync(new AnyCondition(_channels), _sources, _mode, deadline, cancellationToken);

    // What was ready may have been read meanwhile by somebody else; then the first index tells as much as any.
    private int? FirstReady(WaitOutcome outcome) =>
        outcome == WaitOutcome.TimedOut
            ? null
            : Math.Max(0, Array.FindIndex(_channels, static channel => channel.Poll() != PollResult.Pending));

    private readonly struct AnyCondition(ISharedWaitable[] channels) : ICondition
    {
        public PollResult Poll()
        {
            foreach (ISharedWaitable channel in channels)
            {
                if (channel.Poll() != PollResult.Pending)
                    return PollResult.Ready;
            }

            return PollResult.Pending;
        }

        public bool MayBeReady() => Poll() != PollResult.Pending;
    }
}
