using TypedShm.Channels;

namespace TypedShm;

/// <summary>A state that this process created and writes. Readers always see a whole value, the newest.</summary>
/// <typeparam name="T">The <c>[SharedLayout]</c> struct.</typeparam>
/// <remarks>For one thread at a time, which is checked, see <see cref="ChannelOptions.ExactThreadCheck"/>.</remarks>
public sealed class SharedStateWriter<T> : SharedEnd
    where T : unmanaged, ISharedLayout<T>
{
    private readonly StateHost<T> _host;

    internal SharedStateWriter(StateHost<T> host)
        : base(host) => _host = host;

    /// <summary>Whether a value was published yet.</summary>
    public bool HasValue => Version > 0;

    /// <summary>How many values were published.</summary>
    public long Version => (long)_host.Version;

    /// <summary>The region that holds the state, for interoperation with native code.</summary>
    public SharedRegion Region => _host.Region;

    /// <summary>Publishes a value.</summary>
    /// <exception cref="InvalidOperationException">A claim is open, or another thread is writing.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Write(in T value) => _host.Write(in value);

    /// <summary>A copy of the value that was published last; zeros if there was none.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public T Read() => _host.Current;

    /// <summary>Begins the next value as a copy of the current one, to be changed in place.</summary>
    /// <returns>The value; commit and dispose it.</returns>
    /// <inheritdoc cref="Write" path="/exception"/>
    public StateClaim<T> Update() => new(_host, copy: true);

    /// <summary>
    /// Begins the next value without a copy, to be filled in in place, every field: it holds what an older value left there.
    /// </summary>
    /// <returns>The value; commit and dispose it.</returns>
    /// <inheritdoc cref="Write" path="/exception"/>
    public StateClaim<T> Replace() => new(_host, copy: false);
}
