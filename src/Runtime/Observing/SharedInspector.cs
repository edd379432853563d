using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using TypedShm.Ends;
using TypedShm.Observing;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Looks into a channel of any kind without knowing its type: values by field name, from the description that the channel carries. For
/// tools. It connects as an observer: its memory is read-only, it is not counted as a peer, nobody waits for it, wakes it, or fences for
/// it, and what it asks costs the creator nothing on the way of its messages. The policies of both sides hold as for any peer, and a
/// creator lets 16 observers in. Thread-safe.
/// </summary>
/// <example>
/// <code>
/// using SharedInspector engine = SharedInspector.Open("engine");
/// Console.WriteLine(engine.Read()?["Rpm"]);
/// </code>
/// </example>
[DebuggerDisplay("{Kind} {Name}")]
public sealed class SharedInspector : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ObservedMemory _memory;
    private readonly ObserverLink? _link;
    private readonly ulong _first;
    private bool _isDisposed;

    private SharedInspector(Opened opened)
    {
        Name = opened.Endpoint.Name;
        _memory = (ObservedMemory)opened.Result.Memory;
        _first = OldestIn(_memory);
        _link = new ObserverLink(opened.Result.Link);
    }

    private SharedInspector(string path, ObservedMemory memory)
    {
        Name = path;
        _memory = memory;
        _first = OldestIn(memory);
    }

    /// <summary>The name of the endpoint, or the path of the file, as it was given.</summary>
    public string Name { get; }

    /// <summary>What the channel is.</summary>
    public ChannelKind Kind => _memory.Shape.Kind;

    /// <summary>The layout of the struct, value, message, or request.</summary>
    public LayoutDescriptor Layout => _memory.Shape.Layout;

    /// <summary>The layout of the responses of a channel of calls; null otherwise.</summary>
    public LayoutDescriptor? ResponseLayout => _memory.Shape.Response;

    /// <summary>The process that created the channel; null for a file.</summary>
    public PeerIdentity? Owner => _link?.Identity;

    /// <summary>Whether the creator is still there. What it wrote last can be read afterwards, too.</summary>
    public bool IsConnected => _link is { HasEnded: false };

    /// <summary>Bytes of shared memory that this object has mapped.</summary>
    public long Size => _memory.Size;

    /// <summary>Elements of a table, slots of a queue or broadcast, calls that a client may have open; 1 otherwise.</summary>
    public int Count => _memory.Shape.Count;

    /// <summary>The most bytes of payload of a message.</summary>
    public int PayloadCapacity => _memory.Shape.PayloadCapacity;

    /// <summary>Whether values or messages carry their publish time.</summary>
    public bool HasPublishTimes => _memory.Shape.HasPublishTimes;

    /// <summary>Whether the writer of a broadcast waits for slow readers.</summary>
    public bool IsLossless => _memory.Shape.IsLossless;

    /// <summary>Whether a value may be seen half written: that of a struct or a live table.</summary>
    public bool IsLive => _memory.Shape.IsLive;

    /// <summary>Whether peers may write the struct.</summary>
    public bool PeersMayWrite => _memory.Shape.PeersMayWrite;

    /// <summary>Whether there are values to <see cref="Read"/>: those of a struct, state or table.</summary>
    public bool HasValues => Kind is ChannelKind.Struct or ChannelKind.State or ChannelKind.Table;

    /// <summary>Whether messages can be read: those of a broadcast. Those of a queue and of calls are between its two ends.</summary>
    public bool HasMessages => Kind is ChannelKind.Broadcast;

    /// <summary>
    /// How much was published so far: signals of a struct, versions of a state, changes of a table, messages of a broadcast. 0 for queues
    /// and calls, see <see cref="ReadCounts"/>.
    /// </summary>
    public long Published
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return (long)_memory.Published;
            }
        }
    }

    /// <summary>
    /// The position of the oldest message that was there when this object was opened; <see cref="TryReadMessage"/> can find it.
    /// </summary>
    public long FirstMessage => (long)_first;

    /// <summary>Connects to a channel, waiting on this thread until it is created.</summary>
    /// <param name="name">The name of the endpoint.</param>
    /// <param name="options">How; those that concern waiting, laziness and reconnecting do not matter.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="TimeoutException">The endpoint did not appear in time.</exception>
    /// <exception cref="PeerRefusedException">A policy of either side does not allow it, or 16 observers are there.</exception>
    public static SharedInspector Open(string name, OpenOptions? options = null, CancellationToken cancellationToken = default) =>
        Opening.Open(name, ForObserver(options), Request, static opened => new SharedInspector(opened), cancellationToken);

    /// <inheritdoc cref="Open"/>
    /// <summary>As <see cref="Open"/>, without blocking a thread.</summary>
    public static ValueTask<SharedInspector> OpenAsync(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default) =>
        Opening.OpenAsync(name, ForObserver(options), Request, static opened => new SharedInspector(opened), cancellationToken);

    /// <inheritdoc cref="Open" path="/exception"/>
    /// <summary>Connects to a channel if its creator is there.</summary>
    /// <param name="name">The name of the endpoint.</param>
    /// <param name="opened">The channel.</param>
    /// <param name="options">How.</param>
    /// <returns>False if the creator is not there, or does not answer.</returns>
    public static bool TryOpen(string name, [NotNullWhen(true)] out SharedInspector? opened, OpenOptions? options = null) =>
        Opening.TryOpen(name, ForObserver(options), Request, static made => new SharedInspector(made), out opened);

    /// <summary>Looks into a copy of a region, which a debugger or <c>cp /proc/PID/fd/N</c> has made.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RegionInvalidException">It is no copy of a region, or of one that holds nothing to be shown.</exception>
    public static SharedInspector OpenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObservedRegion region = ObservedRegion.Read(path, out LayoutDescriptor layout);
        try
        {
            return new SharedInspector(path, ObservedMemory.Of(region, layout));
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>Copies the newest value: whole, except of a struct or live table, which may be seen half written.</summary>
    /// <param name="element">The element of a table; 0 otherwise.</param>
    /// <returns>The value; null if its writer overwrote it during each of many tries.</returns>
    /// <exception cref="InvalidOperationException">The channel has no values.</exception>
    public SharedSnapshot? Read(int element = 0)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _memory.Read(element);
        }
    }

    /// <summary>Copies a message of a broadcast. It stays for its readers, and whoever is too slow loses some, as they do.</summary>
    /// <param name="position">
    /// The message that is wanted; afterwards that which follows the one that was found. Begin with <see cref="FirstMessage"/> or
    /// <see cref="Published"/>.
    /// </param>
    /// <param name="message">The message; its <see cref="SharedSnapshot.Number"/> is greater than what was wanted if that is lost.</param>
    /// <returns>False if it is not there yet.</returns>
    /// <exception cref="InvalidOperationException">The channel has no messages that an observer may see.</exception>
    public bool TryReadMessage(ref long position, [NotNullWhen(true)] out SharedSnapshot? message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ulong at = (ulong)position;
            message = _memory.ReadMessage(ref at);
            position = (long)at;
            return message is not null;
        }
    }

    /// <summary>Asks the creator what it has counted, and waits for the answer, at most five seconds.</summary>
    /// <returns>The counts; null if it is gone, does not answer, or this is a file.</returns>
    public SharedCounts? ReadCounts() => _link?.Ask();

    /// <summary>Hangs up and gives the memory up. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _link?.Dispose();

        // Nobody is at work in it: each use holds the lock and asks for the flag first.
        lock (_gate)
            _memory.Dispose();
    }

    // Whatever history a reader would get: an observer has the whole ring.
    private static ulong OldestIn(ObservedMemory memory)
    {
        ulong published = memory.Published;
        ulong count = (ulong)memory.Shape.Count;
        return published > count ? published - count : 0;
    }

    private static OpenOptions ForObserver(OpenOptions? options) =>
        (options ?? new OpenOptions()) with { Lazy = false, Reconnect = false, Wait = WaitMode.Spin };

    private static ConnectRequest Request(EndpointName endpoint, OpenOptions options) => new(
        ChannelKind.None, PeerRole.Observer, [], options,
        (received, welcome) => new ClientRegions(ObservedMemory.Attach(received, welcome, options)))
    {
        TakesAny = true,
        MakePlaceholder = static () => throw new InvalidOperationException("An observer has nothing to show before the channel is there."),
    };
}
