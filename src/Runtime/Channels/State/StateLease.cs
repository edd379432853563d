using System.Diagnostics;
using TypedShm.Channels;
using TypedShm.Rings;

namespace TypedShm;

/// <summary>
/// The newest value of a state, read in place. The writer does not wait for its readers: what was read counts only if
/// <see cref="IsIntact"/> is true afterwards.
/// </summary>
/// <example>
/// <code>
/// StateLease&lt;Map&gt; lease;
/// double sum;
/// do
/// {
///     lease = reader.Lease();
///     sum = Sum(lease.View.Heights);
/// }
/// while (!lease.IsIntact);
/// </code>
/// </example>
[DebuggerDisplay("{Value}, intact: {IsIntact}")]
public readonly ref struct StateLease<T> : IReadOnlySharedReference<T>
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StateClient<T> _client;
    private readonly StateMemory<T> _memory;
    private readonly ulong _newest;
    private readonly ulong _version;

    internal StateLease(StateClient<T> client, StateMemory<T> memory, ulong newest, ulong version)
    {
        _client = client;
        _memory = memory;
        _newest = newest;
        _version = version;
    }

    /// <summary>The value, in shared memory. It may be overwritten at any time.</summary>
    public unsafe ref readonly T Value => ref *(T*)_memory.ValueOf(_newest);

    /// <summary>Which value it is.</summary>
    public StateGeneration Generation => new(_memory.Epoch, (long)_version, 0);

    /// <summary>Whether all that was read until now was of one value. Only what was read before counts: ask it last.</summary>
    public bool IsIntact => _memory.IsIntact(_newest, _version) && _client.IsCurrent(_memory);
}
