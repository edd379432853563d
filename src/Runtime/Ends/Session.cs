using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Ends;

/// <summary>What an end that opened a channel has for as long as one connection lasts.</summary>
/// <typeparam name="TMemory">The memory of the channel.</typeparam>
/// <param name="result">The connection.</param>
/// <param name="isPlaceholder">See <see cref="Opened.IsPlaceholder"/>.</param>
internal sealed class Session<TMemory>(ConnectResult result, bool isPlaceholder = false)
    where TMemory : class, IDisposable
{
    public Link Link { get; } = result.Link;

    public bool IsPlaceholder => isPlaceholder;

    /// <summary>The creator.</summary>
    public SharedPeer Peer { get; } = new(result.Link);

    /// <summary>What was made of the regions of this connection.</summary>
    public TMemory Memory { get; } = (TMemory)result.Memory;

    /// <summary>The position to start from, for channels that have positions.</summary>
    public ulong Start { get; } = result.Start;

    public Parking Parking { get; } = new(result.Link);
}
