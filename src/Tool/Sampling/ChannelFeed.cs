namespace TypedShm.Tool.Sampling;

/// <summary>
/// What a channel publishes, one thing after the other: messages, versions, changed elements, or a struct that has changed.
/// </summary>
/// <param name="inspector">The channel.</param>
/// <param name="fromStart">Whether to begin with what is there; otherwise with what comes.</param>
internal sealed class ChannelFeed(SharedInspector inspector, bool fromStart)
{
    private readonly long[] _changes = new long[inspector.Kind == ChannelKind.Table ? inspector.Count : 0];
    private long _position = fromStart ? inspector.FirstMessage : inspector.Published;
    private long _version = inspector.Kind == ChannelKind.State && !fromStart ? inspector.Published : 0;
    private long _seenChange = -1;
    private ReadOnlyMemory<byte> _last;

    /// <summary>How many messages or versions were overwritten before they could be copied.</summary>
    public long Lost { get; private set; }

    /// <summary>How often a whole ring of messages was lost at once.</summary>
    public long Laps { get; private set; }

    /// <summary>What is new. A table's elements come together, one after the other.</summary>
    public IEnumerable<SharedSnapshot> Read() => inspector.Kind switch
    {
        ChannelKind.Broadcast => Messages(),
        ChannelKind.State => Versions(),
        ChannelKind.Table => Elements(),
        ChannelKind.Struct => Struct(),
        _ => throw Hidden(),
    };

    /// <summary>Throws if nobody but its two ends can see what the channel publishes.</summary>
    public void ThrowIfHidden()
    {
        if (!inspector.HasValues && !inspector.HasMessages)
            throw Hidden();
    }

    private ToolException Hidden() => new(ExitCode.Failed, $"The messages of '{inspector.Name}' are between its two ends, and nobody else "
        + "can see them whole: `typedshm watch` and `typedshm hz` show how many there are.");

    private IEnumerable<SharedSnapshot> Messages()
    {
        // At most a ring at once: a fast writer has always another one.
        for (int i = 0; i < inspector.Count; i++)
        {
            long wanted = _position;
            if (!inspector.TryReadMessage(ref _position, out SharedSnapshot? message))
                yield break;
            if (message.Number > wanted)
            {
                Lost += message.Number - wanted;
                Laps++;
            }

            yield return message;
        }
    }

    private IEnumerable<SharedSnapshot> Versions()
    {
        if (inspector.Published == _version || inspector.Read() is not { } value || value.Number <= _version)
            yield break;
        Lost += value.Number - _version - 1;
        _version = value.Number;
        yield return value;
    }

    private IEnumerable<SharedSnapshot> Elements()
    {
        long announced = inspector.Published;
        if (announced == _seenChange)
            yield break;
        bool isFirst = _seenChange < 0;
        _seenChange = announced;
        for (int i = 0; i < _changes.Length; i++)
        {
            if (inspector.Read(i) is not { } element || element.Number == _changes[i])
                continue;
            _changes[i] = element.Number;
            if (!isFirst || fromStart)
                yield return element;
        }
    }

    // Nobody has to announce what he writes there.
    private IEnumerable<SharedSnapshot> Struct()
    {
        if (inspector.Read() is not { } value || value.Bytes.Span.SequenceEqual(_last.Span))
            yield break;
        bool isFirst = _last.IsEmpty;
        _last = value.Bytes;
        if (!isFirst || fromStart)
            yield return value;
    }
}
