using System.Diagnostics;
using TypedShm.Channels;

namespace TypedShm;

/// <summary>
/// The next value of a state, to be filled in in place. <see cref="Commit"/> publishes it; disposing it without that gives it up.
/// One claim is open at a time.
/// </summary>
/// <example>
/// <code>
/// using StateClaim&lt;Pose&gt; claim = state.Update();
/// claim.View.Angle += 0.1;
/// claim.Commit();
/// </code>
/// </example>
[DebuggerDisplay("{Value}")]
public readonly ref struct StateClaim<T> : ISharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StateHost<T> _host;
    private readonly ulong _claim;

    internal StateClaim(StateHost<T> host, bool copy)
    {
        _host = host;
        _claim = host.BeginClaim(copy);
    }

    /// <summary>The value, in shared memory.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    public ref T Value => ref _host.ClaimedValue(_claim);

    /// <summary>Publishes the value.</summary>
    /// <exception cref="InvalidOperationException">The claim was committed or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The state was disposed.</exception>
    public void Commit() => _host.CommitClaim(_claim);

    /// <summary>Gives the claim up, unless it was committed.</summary>
    public void Dispose() => _host?.AbortClaim(_claim);
}
